//! Reads the commands of a transcript; the whole-app tests use it too.

use eks_access_playground::shell::terminal::is_complete;

/// The commands of a transcript: lines after `$ `, with the lines that continue them.
///
/// A line belongs to a command as long as the command is not complete; everything else is output.
pub fn commands(text: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        match line.strip_prefix("$ ") {
            Some(command) if !open => commands.push(command.to_owned()),
            _ => match commands.last_mut() {
                Some(last) if open => {
                    last.push('\n');
                    last.push_str(line);
                }
                _ => continue,
            },
        }
        open = commands.last().is_some_and(|last| !is_complete(last));
    }
    commands
}
