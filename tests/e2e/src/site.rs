//! The files under test: the built site, or a damaged copy of it.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use xtask::first_load;
use xtask::static_server::Site;

use crate::{target_folder, variable};

/// The site is served below this path, not at the root, which proves that its addresses are relative.
pub const SUB_PATH: &str = "/some/where/";

/// A folder with the files of the site. A copy is removed when it is dropped.
pub struct Files {
    folder: PathBuf,
    copied: bool,
}

impl Files {
    /// The built site.
    pub fn built() -> Self {
        let folder = variable("E2E_DIST");
        assert!(folder.join("index.html").is_file(), "there is no built site in {}", folder.display());
        Self { folder, copied: false }
    }

    /// A copy of the built site that a test may damage.
    pub fn copy() -> Self {
        static COPIES: AtomicUsize = AtomicUsize::new(0);
        let number = COPIES.fetch_add(1, Ordering::Relaxed);
        let folder = target_folder().join(format!("site-{}-{number}", std::process::id()));
        let built = Self::built();
        for name in built.first_load().into_iter().chain(built.second_part_name()) {
            let file = folder.join(&name);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("the copy's folder");
            std::fs::copy(built.folder.join(&name), file).expect("copying the site");
        }
        Self { folder, copied: true }
    }

    /// What the size budget counts as the first load.
    pub fn first_load(&self) -> Vec<String> {
        first_load::files(&self.folder).expect("the files of the site")
    }

    /// The path of the program's second part.
    pub fn second_part(&self) -> PathBuf {
        self.folder.join(self.second_part_name().expect("a program in two parts"))
    }

    /// A program that is in one piece has none.
    fn second_part_name(&self) -> Option<String> {
        first_load::second_part(&self.folder).expect("the files of the site")
    }

    /// The path of a file.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The path of the only file of the first load whose name begins and ends so.
    pub fn file_named(&self, beginning: &str, ending: &str) -> PathBuf {
        let fits = |name: &String| name.starts_with(beginning) && name.ends_with(ending);
        let mut names = self.first_load().into_iter().filter(fits);
        match (names.next(), names.next()) {
            (Some(name), None) => self.folder.join(name),
            found => panic!("expected one file `{beginning}…{ending}`, not {found:?}"),
        }
    }

    /// Serves the files. Returns the server and the site's address.
    pub(crate) fn serve(&self) -> (Site, String) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let site = Site::new(&self.folder, SUB_PATH);
        let address = site.serve_in_background(listener).expect("the address of the server");
        (site, format!("http://{address}{SUB_PATH}"))
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        if self.copied {
            // A copy left behind in the build folder does no harm.
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}
