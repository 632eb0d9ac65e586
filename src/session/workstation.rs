//! The workstation beside the world: the files, variables and aliases of the person at the terminal.
//!
//! Files are held in memory under absolute paths. Home is `/home/user` and the working directory `/home/user/work`, as in
//! the recorded sessions. Every value may come from a link or from storage: [`Workstation::check`] holds the limits.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::formats::ordered::{map_of, set_of};

/// The most bytes that all files may hold together.
pub const MAX_TOTAL_FILE_BYTES: usize = 1_000_000;
/// The most files and directories.
pub const MAX_FILES: usize = 500;
/// The longest path, in bytes.
pub const MAX_PATH_BYTES: usize = 1_000;
/// The most bytes that all variables and aliases may hold together.
pub const MAX_VARIABLE_BYTES: usize = 1_000_000;
/// The most variables and aliases.
pub const MAX_VARIABLES: usize = 1_000;

/// Home of the person at the terminal.
pub const HOME: &str = "/home/user";

/// Everything that belongs to the terminal and not to the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Workstation {
    /// What `~` stands for; absolute.
    pub home: String,
    /// The working directory; absolute.
    pub cwd: String,
    /// Contents by absolute path.
    pub files: BTreeMap<String, String>,
    /// Directories that exist without regard to the files in them.
    pub directories: BTreeSet<String>,
    /// The values of the variables.
    pub variables: BTreeMap<String, String>,
    /// The names of the variables that commands see. A name may be here before it has a value.
    pub exported: BTreeSet<String>,
    /// What the words of `alias` stand for.
    pub aliases: BTreeMap<String, String>,
    /// `$?`.
    pub last_status: i32,
}

impl Default for Workstation {
    fn default() -> Self {
        let cwd = format!("{HOME}/work");
        let variables = [("HOME", HOME), ("PWD", &cwd), ("USER", "user")];
        Self {
            home: HOME.to_owned(),
            files: BTreeMap::new(),
            directories: set_of(["/", "/home", "/tmp", HOME, &cwd].map(str::to_owned)),
            exported: set_of(variables.map(|(name, _)| name.to_owned())),
            variables: map_of(variables.map(|(name, value)| (name.to_owned(), value.to_owned()))),
            aliases: BTreeMap::new(),
            last_status: 0,
            cwd,
        }
    }
}

/// Why a file operation failed, in the words of the C library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The file, or the directory it would be in, does not exist.
    #[error("No such file or directory")]
    NotFound,
    /// A directory where a file is needed.
    #[error("Is a directory")]
    IsDirectory,
    /// A file where a directory is needed.
    #[error("Not a directory")]
    NotDirectory,
    /// It exists already.
    #[error("File exists")]
    Exists,
    /// A directory that cannot be removed because something is in it or the terminal needs it.
    #[error("Directory not empty")]
    NotEmpty,
    /// A limit of this module is reached.
    #[error("No space left on device")]
    NoSpace,
    /// A place where nothing can be made.
    #[error("Permission denied")]
    Denied,
    /// The path is longer than [`MAX_PATH_BYTES`].
    #[error("File name too long")]
    NameTooLong,
}

/// The directory of the devices: there all along, and nothing is made in it.
const DEVICES: &str = "/dev";
/// The file that is always empty and takes everything.
pub const NULL_DEVICE: &str = "/dev/null";

impl Workstation {
    /// True for what tools keep in their caches: they make it anew when it is missing.
    fn is_cache(&self, path: &str) -> bool {
        let cache = path.strip_prefix(&self.home).and_then(|path| path.strip_prefix("/.kube/cache"));
        cache.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The same without caches.
    pub fn without_caches(&self) -> Self {
        let mut kept = self.clone();
        kept.files.retain(|path, _| !self.is_cache(path));
        kept.directories.retain(|path| !self.is_cache(path));
        kept
    }

    /// True if nothing differs that a person would want to take back: the last exit code and what tools keep in
    /// their caches do not count.
    pub fn same_work(&self, other: &Self) -> bool {
        let kept = |path: &&String| !self.is_cache(path);
        let files = |w: &Self| -> Vec<(String, String)> {
            w.files.iter().filter(|(path, _)| kept(path)).map(|(path, text)| (path.clone(), text.clone())).collect()
        };
        let directories = |w: &Self| -> Vec<String> { w.directories.iter().filter(kept).cloned().collect() };
        (&self.home, &self.cwd, &self.variables, &self.exported, &self.aliases)
            == (&other.home, &other.cwd, &other.variables, &other.exported, &other.aliases)
            && directories(self) == directories(other)
            && files(self) == files(other)
    }

    /// `path` as an absolute path without `.`, `..` and doubled slashes, read from the working directory.
    pub fn resolve(&self, path: &str) -> String {
        let from = if path.starts_with('/') { "" } else { self.cwd.as_str() };
        let mut parts: Vec<&str> = Vec::new();
        for part in from.split('/').chain(path.split('/')) {
            match part {
                "" | "." => {}
                ".." => _ = parts.pop(),
                part => parts.push(part),
            }
        }
        format!("/{}", parts.join("/"))
    }

    /// `path` with a leading `~` or `~/` replaced by the home directory.
    pub fn expand_home(&self, path: &str) -> String {
        match path.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{}{rest}", self.home),
            _ => path.to_owned(),
        }
    }

    /// True if `path` is a directory.
    pub fn is_directory(&self, path: &str) -> bool {
        let path = self.resolve(path);
        path == DEVICES || self.directories.contains(&path) || self.below(&path).next().is_some()
    }

    /// True if `path` is a file.
    pub fn is_file(&self, path: &str) -> bool {
        let path = self.resolve(path);
        path == NULL_DEVICE || self.files.contains_key(&path)
    }

    /// The contents of a file.
    ///
    /// # Errors
    /// If there is no such file, or it is a directory.
    pub fn read(&self, path: &str) -> Result<&str, FileError> {
        let resolved = self.resolve(path);
        match self.files.get(&resolved) {
            Some(_) if path.ends_with('/') => Err(FileError::NotDirectory),
            Some(text) => Ok(text),
            None if resolved == NULL_DEVICE => Ok(""),
            None if self.is_directory(&resolved) => Err(FileError::IsDirectory),
            None => Err(self.missing(&resolved)),
        }
    }

    /// Sets the contents of a file whose directory exists.
    ///
    /// # Errors
    /// If the directory does not exist, the path is a directory, or a limit is reached; nothing is changed then.
    pub fn write(&mut self, path: &str, text: &str) -> Result<(), FileError> {
        self.put(path, text, false)
    }

    /// Adds to the end of a file, which is made if needed.
    ///
    /// # Errors
    /// As [`Workstation::write`].
    pub fn append(&mut self, path: &str, text: &str) -> Result<(), FileError> {
        self.put(path, text, true)
    }

    /// As [`Workstation::write`], and makes the directories above the file.
    ///
    /// # Errors
    /// If a file stands where a directory is needed, or a limit is reached.
    pub fn write_with_parents(&mut self, path: &str, text: &str) -> Result<(), FileError> {
        let path = self.resolve(path);
        if let Some((parent, _)) = path.rsplit_once('/') {
            self.make_directory(parent, true)?;
        }
        self.write(&path, text)
    }

    fn put(&mut self, path: &str, text: &str, append: bool) -> Result<(), FileError> {
        let resolved = self.resolve(path);
        if resolved == NULL_DEVICE {
            return Ok(());
        }
        if self.is_directory(&resolved) || path.ends_with('/') {
            return Err(FileError::IsDirectory);
        }
        if is_within(&resolved, DEVICES) && !self.files.contains_key(&resolved) {
            return Err(FileError::Denied);
        }
        self.parent_must_exist(&resolved)?;
        let old = self.files.get(&resolved).map(String::len);
        let kept = self.file_bytes() - if append { 0 } else { old.unwrap_or(0) };
        if kept + text.len() > MAX_TOTAL_FILE_BYTES || old.is_none() && self.is_full() {
            return Err(FileError::NoSpace);
        }
        let contents = self.files.entry(resolved).or_default();
        if !append {
            contents.clear();
        }
        contents.push_str(text);
        Ok(())
    }

    /// Removes a file.
    ///
    /// # Errors
    /// If there is no such file, or it is a directory.
    pub fn remove_file(&mut self, path: &str) -> Result<(), FileError> {
        let resolved = self.resolve(path);
        if self.files.remove(&resolved).is_some() {
            return Ok(());
        }
        Err(if self.is_directory(&resolved) { FileError::IsDirectory } else { self.missing(&resolved) })
    }

    /// Removes a file, or a directory with all that is in it. What holds the working directory or home stays.
    ///
    /// # Errors
    /// If there is nothing at `path`, or the terminal needs it.
    pub fn remove_tree(&mut self, path: &str) -> Result<(), FileError> {
        let resolved = self.resolve(path);
        if !self.is_directory(&resolved) {
            return self.remove_file(&resolved);
        }
        if [&self.cwd, &self.home].into_iter().any(|kept| is_within(kept, &resolved)) {
            return Err(FileError::NotEmpty);
        }
        self.files.retain(|file, _| !is_within(file, &resolved));
        self.directories.retain(|directory| !is_within(directory, &resolved));
        Ok(())
    }

    /// Makes a directory. With `parents` the directories above it are made too, and it may exist already.
    ///
    /// # Errors
    /// If it exists, the directory above does not, a file is in the way, or a limit is reached.
    pub fn make_directory(&mut self, path: &str, parents: bool) -> Result<(), FileError> {
        let path = self.resolve(path);
        if self.files.contains_key(&path) || !parents && self.is_directory(&path) {
            return Err(FileError::Exists);
        }
        if !parents {
            self.parent_must_exist(&path)?;
        }
        let ends: Vec<usize> = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).collect();
        for end in ends.into_iter().chain([path.len()]) {
            let directory = path.get(..end).unwrap_or_default();
            if self.files.contains_key(directory) {
                return Err(FileError::NotDirectory);
            }
            if !self.is_directory(directory) {
                if self.is_full() {
                    return Err(FileError::NoSpace);
                }
                if directory.len() > MAX_PATH_BYTES {
                    return Err(FileError::NameTooLong);
                }
                self.directories.insert(directory.to_owned());
            }
        }
        Ok(())
    }

    /// The names in a directory, sorted, each with whether it is a directory.
    ///
    /// # Errors
    /// If there is no such directory.
    pub fn list(&self, path: &str) -> Result<Vec<(String, bool)>, FileError> {
        let resolved = self.resolve(path);
        if !self.is_directory(&resolved) {
            return Err(if self.is_file(&resolved) { FileError::NotDirectory } else { self.missing(&resolved) });
        }
        let prefix = format!("{}/", resolved.trim_end_matches('/'));
        let mut names: BTreeMap<&str, bool> = BTreeMap::new();
        for (path, is_directory) in
            self.directories.iter().map(|path| (path, true)).chain(self.files.keys().map(|path| (path, false)))
        {
            let Some(rest) = path.strip_prefix(&prefix).filter(|rest| !rest.is_empty()) else { continue };
            match rest.split_once('/') {
                Some((directory, _)) => _ = names.insert(directory, true),
                None => _ = names.insert(rest, is_directory || names.get(rest).copied().unwrap_or(false)),
            }
        }
        Ok(names.into_iter().map(|(name, is_directory)| (name.to_owned(), is_directory)).collect())
    }

    /// Changes the working directory and `PWD`; the old one goes to `OLDPWD`.
    ///
    /// # Errors
    /// If there is no such directory.
    pub fn change_directory(&mut self, path: &str) -> Result<(), FileError> {
        let path = self.resolve(path);
        if !self.is_directory(&path) {
            return Err(if self.is_file(&path) { FileError::NotDirectory } else { FileError::NotFound });
        }
        let old = std::mem::replace(&mut self.cwd, path.clone());
        self.variables.insert("OLDPWD".to_owned(), old);
        self.variables.insert("PWD".to_owned(), path);
        Ok(())
    }

    /// The exported variables with their values: what a command sees.
    pub fn environment(&self) -> BTreeMap<String, String> {
        let value = |name: &String| Some((name.clone(), self.variables.get(name)?.clone()));
        map_of(self.exported.iter().filter_map(value))
    }

    /// Sets a variable.
    ///
    /// # Errors
    /// [`FileError::NoSpace`] if the variables would hold more than [`MAX_VARIABLE_BYTES`] or be more than [`MAX_VARIABLES`].
    pub fn set_variable(&mut self, name: &str, value: String) -> Result<(), FileError> {
        let old = self.variables.get(name).map_or(0, String::len);
        if self.variable_bytes() - old + value.len() > MAX_VARIABLE_BYTES || self.variables.len() >= MAX_VARIABLES {
            return Err(FileError::NoSpace);
        }
        self.variables.insert(name.to_owned(), value);
        Ok(())
    }

    /// Holds the limits on a value that was decoded and not built up by these methods.
    ///
    /// # Errors
    /// Which limit is passed; a working directory that does not exist is [`FileError::NotFound`].
    pub fn check(&self) -> Result<(), FileError> {
        let too_many = self.files.len() + self.directories.len() > MAX_FILES;
        let variables = self.variables.len().max(self.aliases.len()).max(self.exported.len());
        if too_many || self.file_bytes() > MAX_TOTAL_FILE_BYTES || variables > MAX_VARIABLES {
            return Err(FileError::NoSpace);
        }
        if self.variable_bytes() > MAX_VARIABLE_BYTES {
            return Err(FileError::NoSpace);
        }
        let paths = self.files.keys().chain(&self.directories).chain([&self.cwd, &self.home]);
        for path in paths {
            if path.len() > MAX_PATH_BYTES {
                return Err(FileError::NameTooLong);
            }
            if self.resolve(path) != *path || !path.starts_with('/') {
                return Err(FileError::NotFound);
            }
        }
        if self.is_directory(&self.cwd) && self.is_directory(&self.home) { Ok(()) } else { Err(FileError::NotFound) }
    }

    fn below<'a>(&'a self, directory: &str) -> impl Iterator<Item = &'a String> + use<'a> {
        let prefix = format!("{}/", directory.trim_end_matches('/'));
        self.files.range(prefix.clone()..).map(|(path, _)| path).take_while(move |path| path.starts_with(&prefix))
    }

    fn parent_must_exist(&self, path: &str) -> Result<(), FileError> {
        if path.len() > MAX_PATH_BYTES {
            return Err(FileError::NameTooLong);
        }
        let parent = path.rsplit_once('/').map_or("/", |(parent, _)| if parent.is_empty() { "/" } else { parent });
        if self.is_directory(parent) { Ok(()) } else { Err(self.missing(path)) }
    }

    /// Why there is nothing at `path`.
    fn missing(&self, path: &str) -> FileError {
        let under_file =
            path.match_indices('/').any(|(at, _)| path.get(..at).is_some_and(|p| self.files.contains_key(p)));
        if under_file { FileError::NotDirectory } else { FileError::NotFound }
    }

    fn is_full(&self) -> bool {
        self.files.len() + self.directories.len() >= MAX_FILES
    }

    /// How many bytes all files hold together.
    pub fn file_bytes(&self) -> usize {
        self.files.values().map(String::len).sum()
    }

    fn variable_bytes(&self) -> usize {
        self.variables.iter().chain(&self.aliases).map(|(name, value)| name.len() + value.len()).sum()
    }
}

/// True if `path` is `directory` or lies in it. Both are absolute.
fn is_within(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_from_the_working_directory() {
        let workstation = Workstation::default();
        for (path, expected) in [
            ("a", "/home/user/work/a"),
            ("./a//b/", "/home/user/work/a/b"),
            ("../x", "/home/user/x"),
            ("../../../../..", "/"),
            ("/a/./b/../c", "/a/c"),
            ("", "/home/user/work"),
        ] {
            assert_eq!(workstation.resolve(path), expected, "{path}");
        }
        assert_eq!(workstation.expand_home("~/.kube/config"), "/home/user/.kube/config");
        assert_eq!(workstation.expand_home("~x"), "~x");
    }

    #[test]
    fn files_are_written_read_listed_and_removed() {
        let mut w = Workstation::default();
        assert_eq!(w.write("a/b", "x"), Err(FileError::NotFound));
        w.write_with_parents("~a/b", "x").unwrap();
        w.write_with_parents("/home/user/.kube/config", "k").unwrap();
        w.append("~a/b", "y").unwrap();
        assert_eq!(w.read("/home/user/work/~a/b"), Ok("xy"));
        assert_eq!(w.read("~a"), Err(FileError::IsDirectory));
        assert_eq!(w.read("~a/b/c"), Err(FileError::NotDirectory));
        assert_eq!(w.list("..").unwrap(), [(".kube".to_owned(), true), ("work".to_owned(), true)]);
        assert_eq!(w.remove_file("~a"), Err(FileError::IsDirectory));
        w.remove_tree("~a").unwrap();
        assert!(!w.is_directory("~a"));
        assert_eq!(w.remove_tree("/"), Err(FileError::NotEmpty));
        assert_eq!(w.make_directory("d", false), Ok(()));
        assert_eq!(w.make_directory("d", false), Err(FileError::Exists));
        assert_eq!(w.read(NULL_DEVICE), Ok(""));
        assert_eq!(w.write(NULL_DEVICE, "gone"), Ok(()));
        assert_eq!(w.check(), Ok(()));
    }

    #[test]
    fn limits_hold() {
        let mut w = Workstation::default();
        assert_eq!(w.write("big", &"x".repeat(MAX_TOTAL_FILE_BYTES + 1)), Err(FileError::NoSpace));
        assert_eq!(w.write(&"n".repeat(MAX_PATH_BYTES), ""), Err(FileError::NameTooLong));
        let last = (0..=MAX_FILES).map(|n| w.write(&format!("f{n}"), "")).find(Result::is_err);
        assert_eq!(last, Some(Err(FileError::NoSpace)));
        assert_eq!(w.set_variable("a", "x".repeat(MAX_VARIABLE_BYTES + 1)), Err(FileError::NoSpace));
        assert_eq!(w.check(), Ok(()));
        w.files.insert("relative".to_owned(), String::new());
        assert!(w.check().is_err());
    }
}
