//! Help pages, made from the command table in kubectl's layout.

use super::failure::{Failure, local};
use super::flag_sets::GLOBAL;
use super::flags::Parsed;
use super::help_texts;
use super::spec::{self, Command, Flag, Value};
use super::tool::{Outcome, Tool};
use crate::formats::ordered::sort_by;

/// How the help page of kubectl itself groups the commands.
const GROUPS: [(&str, &[&str]); 8] = [
    ("Basic Commands (Beginner)", &["create", "expose", "run", "set"]),
    ("Basic Commands (Intermediate)", &["explain", "get", "edit", "delete"]),
    ("Deploy Commands", &["rollout", "scale", "autoscale"]),
    ("Cluster Management Commands", &["certificate", "cluster-info", "top", "cordon", "uncordon", "drain", "taint"]),
    (
        "Troubleshooting and Debugging Commands",
        &["describe", "logs", "attach", "exec", "port-forward", "proxy", "cp", "auth", "debug", "events"],
    ),
    ("Advanced Commands", &["diff", "apply", "patch", "replace", "wait", "kustomize"]),
    ("Settings Commands", &["label", "annotate", "completion"]),
    ("Other Commands", &["api-resources", "api-versions", "config", "plugin", "version"]),
];

/// `kubectl` alone.
///
/// # Errors
/// None.
pub fn root(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    print(tool, parsed);
    Ok(())
}

/// Prints the help page of a command.
pub fn print(tool: &mut Tool<'_, '_>, parsed: &Parsed) {
    tool.out.push_str(&page(parsed.command, &parsed.path));
}

/// `kubectl help COMMAND…`.
///
/// # Errors
/// Unknown commands.
pub fn help(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let mut command = &spec::ROOT;
    let mut path = vec![command.name];
    for word in &parsed.args {
        match command.subcommands.iter().find(|c| c.is_called(word)) {
            Some(next) => {
                command = next;
                path.push(next.name);
            }
            // Below a command, what it does not know is passed over.
            None if path.len() > 1 => break,
            None => {
                let words: Vec<String> = parsed.args.iter().map(|word| format!("`{word}`")).collect();
                let page = page(command, &path);
                // The first paragraphs say what kubectl is; the complaint takes their place.
                let rest = page.find("Basic Commands").and_then(|at| page.get(at..)).unwrap_or_default();
                tool.report(&format!("Unknown help topic [{}]\n\n\n{rest}", words.join(" ")));
                return Ok(());
            }
        }
    }
    tool.out.push_str(&page(command, &path));
    Ok(())
}

/// `kubectl options`: the global flags.
///
/// # Errors
/// None.
pub fn options(tool: &mut Tool<'_, '_>, _: &Parsed) -> Outcome {
    tool.say("The following options can be passed to any command:\n");
    let text: Vec<String> = GLOBAL.iter().map(flag_text).collect();
    tool.out.push_str(&text.join("\n"));
    Ok(())
}

/// What a group of commands does when none of them is named: its help, as a complaint.
///
/// # Errors
/// Always.
pub fn group(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    if parsed.args.is_empty() {
        tool.report(&page(parsed.command, &parsed.path));
        return Err(Failure::Silent);
    }
    let (name, words) = (parsed.name(), parsed.args.join(" "));
    Err(local(format!("unknown command {words:?}\nSee '{name} -h' for help and examples")))
}

/// The page of a command.
pub fn page(command: &'static Command, path: &[&str]) -> String {
    let name = path.join(" ");
    let mut parts: Vec<String> = Vec::new();
    let key = path.get(1..).unwrap_or_default().join(" ");
    let known = |texts: &[(&str, &'static str)]| texts.iter().find(|(name, _)| *name == key).map(|(_, text)| *text);
    let mut about = known(help_texts::ABOUT).unwrap_or(command.short).to_owned();
    if !about.ends_with('.') && !about.contains('\n') {
        about.push('.');
    }
    for line in command.long {
        about.push_str(&format!("\n\n{line}"));
    }
    parts.push(about);
    if !command.aliases.is_empty() {
        let names: Vec<&str> = std::iter::once(command.name).chain(command.aliases.iter().copied()).collect();
        parts.push(format!("Aliases:\n{}", names.join(", ")));
    }
    if let Some(examples) = known(help_texts::EXAMPLES) {
        parts.push(format!("Examples:\n{examples}"));
    } else if !command.examples.is_empty() {
        let examples: Vec<String> =
            command.examples.iter().map(|(remark, line)| format!("  {remark}\n  {line}")).collect();
        parts.push(format!("Examples:\n{}", examples.join("\n  \n")));
    }
    let listed: Vec<&Command> = command.subcommands.iter().filter(|c| !c.hidden).collect();
    let width = listed.iter().map(|c| c.name.len()).max().unwrap_or_default().max(11) + 2;
    let line = |c: &&Command| format!("  {:<width$} {}", c.name, c.short.trim_end_matches('.'));
    if path.len() == 1 {
        for (title, names) in GROUPS {
            let known = names.iter().filter_map(|name| listed.iter().find(|c| c.name == *name));
            parts.push(format!("{title}:\n{}", known.map(line).collect::<Vec<_>>().join("\n")));
        }
    } else if !listed.is_empty() {
        let lines: Vec<String> = listed.iter().map(line).collect();
        parts.push(format!("Available Commands:\n{}", lines.join("\n")));
    }
    let mut flags: Vec<&Flag> = command.flags.iter().flat_map(|set| set.iter()).collect();
    sort_by(&mut flags, &|a, b| a.name.cmp(b.name));
    if !flags.is_empty() {
        let text: Vec<String> = flags.into_iter().map(flag_text).collect();
        parts.push(format!("Options:\n{}", text.join("\n").trim_end_matches('\n')));
    }
    let usage = if path.len() == 1 || command.usage.is_empty() {
        "[flags] [options]".to_owned()
    } else {
        format!("{} [options]", command.usage)
    };
    parts.push(format!("Usage:\n  {name} {usage}"));
    let mut last = String::new();
    if !listed.is_empty() {
        let of = if path.len() == 1 { "kubectl".to_owned() } else { name };
        last.push_str(&format!("Use \"{of} <command> --help\" for more information about a given command.\n"));
    }
    last.push_str("Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n");
    parts.push(last);
    parts.join("\n\n")
}

/// A flag with its default and its help.
fn flag_text(flag: &Flag) -> String {
    let default = match flag.value {
        Value::Switch => "false",
        Value::Number => "0",
        Value::Slice | Value::Array => "[]",
        Value::Duration => "0s",
        Value::Pairs => "",
        Value::Text | Value::Optional(_) => "''",
    };
    let short = flag.short.map(|letter| format!("-{letter}, ")).unwrap_or_default();
    format!("    {short}--{}={default}:\n\t{}\n", flag.name, flag.help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_a_group_lists_its_commands() {
        let auth = spec::ROOT.subcommands.iter().find(|c| c.name == "auth").unwrap();
        assert_eq!(
            page(auth, &["kubectl", "auth"]),
            "Inspect authorization.\n\nAvailable Commands:\n  can-i         Check whether an action is allowed\n  reconcile     Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects\n  whoami        Experimental: Check self subject attributes\n\nUsage:\n  kubectl auth [flags] [options]\n\nUse \"kubectl auth <command> --help\" for more information about a given command.\nUse \"kubectl options\" for a list of global command-line options (applies to all commands).\n"
        );
    }

    #[test]
    fn the_page_of_kubectl_shows_every_command() {
        let page = page(&spec::ROOT, &["kubectl"]);
        for command in spec::ROOT.subcommands.iter().filter(|c| !c.hidden) {
            assert!(page.contains(&format!("\n  {} ", command.name)), "{}", command.name);
        }
    }

    #[test]
    fn every_command_has_a_line_of_help() {
        let mut open: Vec<&Command> = vec![&spec::ROOT];
        while let Some(command) = open.pop() {
            assert!(!command.short.is_empty(), "{}", command.name);
            for flag in command.all_flags() {
                assert!(!flag.help.is_empty(), "{} --{}", command.name, flag.name);
            }
            open.extend(command.subcommands);
        }
    }
}
