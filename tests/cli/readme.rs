//! Every example of README.md runs.

use std::path::Path;
use std::process::Command;

use crate::support::{Workplace, repository};

/// The lines of the README's shell blocks that run the program, in order; `\` joins lines.
fn examples(readme: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut in_shell = false;
    for line in readme.replace("\\\n", " ").lines() {
        match line.trim() {
            "```sh" => in_shell = true,
            "```" => in_shell = false,
            line if in_shell && runs_dossier(line) => lines.push(line.to_string()),
            _ => {}
        }
    }
    lines
}

fn runs_dossier(line: &str) -> bool {
    line.split('|')
        .any(|part| part.trim().starts_with("dossier "))
}

/// A folder that looks like the repository, where examples may write.
fn beside_the_repository() -> Workplace {
    let place = Workplace::new();
    copy(&repository().join("data"), &place.path().join("data"));
    let models = place.path().join("models");
    std::fs::create_dir(&models).unwrap();
    for model in std::fs::read_dir(repository().join("models")).unwrap() {
        let model = model.unwrap();
        if model.path().is_dir() {
            std::os::unix::fs::symlink(model.path(), models.join(model.file_name())).unwrap();
        }
    }
    place
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[cfg(unix)]
#[test]
fn every_example_runs() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let examples = examples(&readme);
    assert!(examples.len() >= 5, "{examples:?}");
    let place = beside_the_repository();
    let program = Path::new(env!("CARGO_BIN_EXE_dossier"));
    let path = std::env::join_paths(
        std::iter::once(program.parent().unwrap().to_path_buf())
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let path = path.unwrap();
    for example in examples {
        let done = Command::new("sh")
            .args(["-e", "-c", &example])
            .current_dir(place.path())
            .env("PATH", &path)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{example}\n{told}");
    }
}

#[test]
fn examples_are_found_in_shell_blocks_only() {
    let readme = "dossier no\n```sh\ndossier a \\\n  b\nls\nzcat x | dossier c\n```\n```text\ndossier no\n```\n";
    assert_eq!(examples(readme), ["dossier a    b", "zcat x | dossier c"]);
}
