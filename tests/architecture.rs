//! The parts of the program may only use parts below them. This reads the paths in `src`, and names
//! file and line of each that goes the wrong way.

use std::path::{Path, PathBuf};

/// From the bottom to the top. Parts of one row do not know each other, except as [`ALSO`] has it.
const ROWS: &[&[&str]] = &[
    &["error"],
    &["files"],
    &["text"],
    &["annotation"],
    &["config"],
    &[
        "corpus", "export", "entities", "eval", "model", "samples", "share",
    ],
    &["ner", "relations", "report"],
    &["network"],
    &["pipeline", "train"],
    &["cli"],
];

/// A part and one of its own row that it may use.
const ALSO: &[(&str, &str)] = &[("export", "entities")];

/// The parts that may name the tensor library.
const ON_TENSORS: &[&str] = &["model", "ner", "relations", "network", "train"];
const TENSOR_CRATES: &[&str] = &["tch", "rust_bert", "torch_sys"];

fn row(part: &str) -> Option<usize> {
    ROWS.iter().position(|row| row.contains(&part))
}

/// What is wrong with a use of `used` in `part`, if anything.
fn verdict(part: &str, used: &str) -> Option<String> {
    if TENSOR_CRATES.contains(&used) {
        let allowed = ON_TENSORS.contains(&part);
        return (!allowed).then(|| format!("{part} may not name {used}"));
    }
    let (Some(mine), Some(its)) = (row(part), row(used)) else {
        return Some(format!(
            "{part} uses {used}: one of them has no row in tests/architecture.rs"
        ));
    };
    let allowed = part == used || its < mine || ALSO.contains(&(part, used));
    (!allowed).then(|| format!("{part} may not use {used}, which is not below it"))
}

/// The parts and tensor crates that a file names, with the lines.
fn named(source: &str) -> Vec<(usize, String)> {
    let code: Vec<&str> = source
        .lines()
        .map(|line| line.split("//").next().unwrap_or(""))
        .collect();
    let code = code.join("\n");
    let line_of = |at: usize| code[..at].matches('\n').count() + 1;
    let mut found = Vec::new();
    for (at, opening) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        for name in heads(&code[at + opening.len()..]) {
            found.push((line_of(at), name));
        }
    }
    for krate in TENSOR_CRATES {
        for (at, _) in code.match_indices(&format!("{krate}::")) {
            let before = code[..at].chars().next_back();
            if !before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                found.push((line_of(at), (*krate).to_string()));
            }
        }
    }
    found.sort();
    found
}

/// The first names behind `crate::`: one, or each of a group in braces.
fn heads(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else {
        return vec![part_of(path)];
    };
    let mut depth = 0;
    let mut heads = Vec::new();
    let mut start = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' | ',' if depth == 0 => {
                heads.push(group[start..at].trim());
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    heads
        .into_iter()
        .filter(|h| !h.is_empty())
        .map(part_of)
        .collect()
}

/// The part that a path leads to. `Error` and `Result` are at the root for short.
fn part_of(path: &str) -> String {
    let name: String = path
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    match name.as_str() {
        "Error" | "Result" => "error".to_string(),
        _ => name,
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The part that a file belongs to; `None` for the roots of the program and the library.
fn part(below_src: &Path) -> Option<String> {
    let first = below_src.components().next()?.as_os_str().to_str()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (name != "lib" && name != "main").then(|| name.to_string())
}

#[test]
fn arrows_run_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut wrong = Vec::new();
    let mut looked_at = 0;
    for file in &files {
        let below = file.strip_prefix(&src).unwrap();
        let Some(part) = part(below) else { continue };
        for (line, used) in named(&std::fs::read_to_string(file).unwrap()) {
            looked_at += 1;
            if let Some(verdict) = verdict(&part, &used) {
                wrong.push(format!("src/{}:{line}: {verdict}", below.display()));
            }
        }
    }
    assert!(looked_at > 50, "only {looked_at} paths were found in src");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Long chains of `super` could lead out of a part unseen.
#[test]
fn paths_out_of_a_part_begin_at_the_crate() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    for file in files {
        let below = file.strip_prefix(&src).unwrap();
        // Files of a part lie one folder deep, and their tests one module deeper.
        let most = below.components().count() + usize::from(!below.ends_with("mod.rs"));
        let chain = "super::".repeat(most);
        let source = std::fs::read_to_string(&file).unwrap();
        let line = source.lines().position(|line| line.contains(&chain));
        assert!(
            line.is_none(),
            "src/{}:{}: write crate::",
            below.display(),
            line.unwrap_or(0) + 1
        );
    }
}

/// The compiler refuses `unsafe` wherever it is not allowed, and one file allows it.
#[test]
fn one_file_may_hold_unsafe_code() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let with = |words: &str| -> Vec<&Path> {
        let has = |file: &&PathBuf| std::fs::read_to_string(file).unwrap().contains(words);
        let found = files.iter().filter(has);
        found.map(|file| file.strip_prefix(&src).unwrap()).collect()
    };
    assert_eq!(with("allow(unsafe_code"), [Path::new("model/runtime.rs")]);
    assert_eq!(with("#![deny(unsafe_code)]"), [Path::new("lib.rs")]);
    assert_eq!(with("#![forbid(unsafe_code)]"), [Path::new("main.rs")]);
}

#[test]
fn wrong_arrows_are_seen() {
    let source = "//! [`crate::cli`] is no use.\nuse crate::{\n    Error, text::Span,\n    export::{Record, RunInfo},\n};\nfn f() -> crate::pipeline::X { tch::no_grad(|| 1) }\n";
    let found = named(source);
    let names: Vec<(usize, &str)> = found.iter().map(|(l, n)| (*l, n.as_str())).collect();
    assert_eq!(
        names,
        [
            (2, "error"),
            (2, "export"),
            (2, "text"),
            (6, "pipeline"),
            (6, "tch")
        ]
    );
    assert_eq!(verdict("export", "text"), None);
    assert_eq!(verdict("export", "entities"), None);
    assert_eq!(verdict("model", "tch"), None);
    for (part, used) in [
        ("entities", "export"),
        ("corpus", "pipeline"),
        ("text", "annotation"),
        ("train", "pipeline"),
        ("corpus", "tch"),
        ("corpus", "unknown"),
    ] {
        assert!(verdict(part, used).is_some(), "{part} -> {used}");
    }
}
