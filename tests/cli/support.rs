//! A folder to work in, and the program to run there.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use tempfile::TempDir;

use crate::table::{Table, read_table};

/// The root of the repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The small bundled model, which all tests run.
pub fn model() -> PathBuf {
    repository().join("models/news-en-fast")
}

/// The program, to be run at the root of the repository.
pub fn dossier() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
    command.current_dir(repository());
    command
}

/// A temporary folder with inputs, and the run directory `out` in it.
pub struct Workplace {
    folder: TempDir,
}

impl Workplace {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The run directory.
    pub fn out(&self) -> PathBuf {
        self.path().join("out")
    }

    /// Writes an input below the folder `in`.
    pub fn input(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join("in").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// `dossier extract in -o out` in this folder, with more flags.
    pub fn extract(&self, flags: &[&str]) -> Assert {
        self.command(&["in"], flags).assert()
    }

    /// `dossier extract ... -o out` in this folder.
    pub fn command(&self, inputs: &[&str], flags: &[&str]) -> Command {
        let mut command = dossier();
        command
            .current_dir(self.path())
            .arg("extract")
            .args(inputs)
            .args(["-o", "out", "--threads", "1", "--model"])
            .arg(model())
            .args(flags);
        command
    }

    /// A table of the run directory.
    pub fn table(&self, name: &str) -> Table {
        read_table(&self.out().join(name))
    }

    /// The texts of the run directory by document id.
    pub fn texts(&self) -> Vec<(String, String)> {
        texts(&self.out())
    }
}

/// The texts of a run directory: document id and text.
pub fn texts(run: &Path) -> Vec<(String, String)> {
    std::fs::read_to_string(run.join("texts.jsonl"))
        .unwrap()
        .lines()
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let part = |name: &str| line[name].as_str().unwrap().to_string();
            (part("doc_id"), part("text"))
        })
        .collect()
}

/// A run over the articles of data/samples, made once for all tests that only look at it. Its path
/// is not kept for long by the system's temporary folder, as nothing cleans up after a static.
pub fn samples_run() -> &'static Path {
    static RUN: OnceLock<PathBuf> = OnceLock::new();
    RUN.get_or_init(|| {
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("samples");
        if out.exists() {
            std::fs::remove_dir_all(&out).unwrap();
        }
        dossier()
            .args(["extract", "data/samples", "--quiet", "--model"])
            .arg(model())
            .arg("-o")
            .arg(&out)
            .assert()
            .success();
        out
    })
}

/// The files of a run directory, except run.json, which tells times.
pub fn files(run: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(run)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .filter(|(name, _)| name != "run.json")
        .collect()
}

/// The bytes as a `.gz` file.
pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(content).unwrap();
    gz.finish().unwrap()
}

/// Begins `dossier extract INPUTS -o out --quiet` as a user whom permissions bind: whoever runs the
/// tests, or, where that is the superuser, whom nothing binds, `nobody`. `None` where that user cannot
/// run the program.
#[cfg(unix)]
pub fn as_plain_user(place: &Workplace, inputs: &[&str]) -> Option<std::process::Child> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65534;
    let superuser = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    let program = || {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_dossier"));
        program.current_dir(place.path());
        if superuser {
            program.uid(NOBODY).gid(NOBODY);
        }
        program
    };
    if superuser {
        std::fs::create_dir_all(place.out()).ok()?;
        chown(place.out(), Some(NOBODY), Some(NOBODY)).ok()?;
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(place.path(), open).ok()?;
    }
    let shown = program().args(["model", "show"]).arg(model()).output();
    if !shown.is_ok_and(|shown| shown.status.success()) {
        return None;
    }
    program()
        .arg("extract")
        .args(inputs)
        .args(["-o", "out", "--threads", "1", "--quiet", "--model"])
        .arg(model())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .ok()
}
