use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;

use ignore::WalkBuilder;

use super::format::{other_kind, unpacked_name};
use super::{Failure, Format};
use crate::error::in_words;

/// How many times its size a compressed file is taken to have when unpacked: pages and plain text
/// shrink to a fifth or a tenth, seldom further.
const UNPACKED: u64 = 16;

/// One input: a file, or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file; `None` for standard input.
    pub path: Option<PathBuf>,
    /// How the user would name it.
    pub name: String,
    /// What document ids are made of: the path below the folder that the user named.
    pub id: String,
    /// The format its name tells.
    pub format: Option<Format>,
    /// Size in bytes, as far as known.
    pub size: u64,
}

impl Source {
    /// About how many bytes it has when unpacked, as far as its name tells.
    pub fn unpacked_size(&self) -> u64 {
        if unpacked_name(&self.name.to_lowercase()).is_some() {
            self.size.saturating_mul(UNPACKED)
        } else {
            self.size
        }
    }
}

/// What was found below the paths that the user named.
#[derive(Debug, Default)]
pub struct Inputs {
    /// What is to be read, and what cannot be.
    pub sources: Vec<Result<Source, Failure>>,
    /// Folders of earlier runs, which were passed over.
    pub earlier_runs: Vec<PathBuf>,
    /// How often a file was met again, by another path or through a link, and passed over.
    pub repeats: usize,
}

impl Inputs {
    /// Finds the inputs below `paths`, in a fixed order: as typed, folders by name. `-` is standard
    /// input. Passed over in folders are hidden files, those that ignore files name, the folder
    /// `without` (an absolute path without links), and what an earlier run wrote; links are followed
    /// but not in circles. What is named itself is always taken. Whatever is met again, by whatever
    /// path, is taken once.
    pub fn below(paths: &[PathBuf], without: Option<&Path>) -> Self {
        let mut search = Search::default();
        for path in paths {
            if path.as_os_str() == "-" {
                let source = Source {
                    path: None,
                    name: "-".into(),
                    id: "stdin".into(),
                    format: Some(Format::JsonLines),
                    size: 0,
                };
                search.take(path.clone(), Ok(source));
            } else if path.is_dir() {
                search.folder(path, without);
            } else {
                let name = path.file_name().map(Path::new).unwrap_or(path);
                search.take_file(path, name, true);
            }
        }
        search.found
    }
}

/// A search for inputs.
#[derive(Default)]
struct Search {
    found: Inputs,
    /// Where among the sources a file stands, by its path without links.
    places: HashMap<PathBuf, usize>,
}

impl Search {
    fn take_file(&mut self, path: &Path, below: &Path, named: bool) {
        let source = file(path, below, named);
        match path.canonicalize() {
            Ok(canonical) => self.take(canonical, source),
            Err(_) => self.found.sources.push(source),
        }
    }

    fn take(&mut self, canonical: PathBuf, source: Result<Source, Failure>) {
        let sources = &mut self.found.sources;
        let Some(&place) = self.places.get(&canonical) else {
            self.places.insert(canonical, sources.len());
            sources.push(source);
            return;
        };
        self.found.repeats += 1;
        // What a folder passes over may be named, too.
        if let Some(earlier) = sources.get_mut(place)
            && earlier.is_err()
            && source.is_ok()
        {
            *earlier = source;
        }
    }

    fn folder(&mut self, root: &Path, without: Option<&Path>) {
        let without = without.map(Path::to_path_buf);
        let (tell, runs) = channel();
        let walk = WalkBuilder::new(root)
            .follow_links(true)
            .require_git(false)
            .sort_by_file_name(|a, b| a.cmp(b))
            .filter_entry(move |entry| {
                if entry.depth() == 0 || !entry.file_type().is_some_and(|t| t.is_dir()) {
                    return true;
                }
                let path = entry.path();
                if without.is_some() && path.canonicalize().ok() == without {
                    return false;
                }
                let of_a_run = holds_run(path);
                if of_a_run {
                    let _ = tell.send(path.to_path_buf());
                }
                !of_a_run
            })
            .build();
        for entry in walk {
            match entry {
                Ok(entry) => {
                    let is_folder = entry.file_type().is_some_and(|t| t.is_dir());
                    if !is_folder {
                        let path = entry.path();
                        let below = path.strip_prefix(root).unwrap_or(path);
                        self.take_file(path, below, false);
                    }
                }
                // What a link back to a folder above it leads to is read there.
                Err(error) if is_loop(&error) => {}
                Err(error) => self.found.sources.push(Err(unwalkable(root, &error))),
            }
        }
        for run in runs.try_iter() {
            if !self.found.earlier_runs.contains(&run) {
                self.found.earlier_runs.push(run);
            }
        }
    }
}

fn holds_run(folder: &Path) -> bool {
    ["run.json", "triples.csv"]
        .iter()
        .all(|name| folder.join(name).is_file())
}

fn unwalkable(root: &Path, error: &ignore::Error) -> Failure {
    let path = path_of(error).unwrap_or(root);
    Failure {
        id: slashed(path.strip_prefix(root).unwrap_or(path)),
        source_file: path.to_string_lossy().into_owned(),
        message: match error.io_error() {
            Some(_) if path.is_symlink() && !path.exists() => "a link to nothing".into(),
            Some(io) => format!("cannot be opened: {}", in_words(io)),
            None => format!("passed over: {error}"),
        },
    }
}

fn is_loop(error: &ignore::Error) -> bool {
    match error {
        ignore::Error::Loop { .. } => true,
        ignore::Error::WithPath { err, .. }
        | ignore::Error::WithDepth { err, .. }
        | ignore::Error::WithLineNumber { err, .. } => is_loop(err),
        _ => false,
    }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::Loop { child, .. } => Some(child),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        _ => None,
    }
}

fn file(path: &Path, below: &Path, named: bool) -> Result<Source, Failure> {
    let id = document_id(below);
    let fail = |message: String| Failure {
        id: id.clone(),
        source_file: path.to_string_lossy().into_owned(),
        message,
    };
    let about = std::fs::metadata(path).map_err(|e| {
        fail(match e.kind() {
            std::io::ErrorKind::NotFound if path.is_symlink() => "a link to nothing".into(),
            std::io::ErrorKind::NotFound => "no such file or folder".into(),
            _ => format!("cannot be opened: {}", in_words(&e)),
        })
    })?;
    if !about.is_file() {
        return Err(fail(
            "neither a file nor a folder (a pipe, socket or device)".into(),
        ));
    }
    let format = Format::of_name(path);
    if format.is_none() && !named {
        return Err(fail(other_kind(path).unwrap_or_else(|| not_read(path))));
    }
    Ok(Source {
        path: Some(path.to_path_buf()),
        name: path.to_string_lossy().into_owned(),
        id,
        format,
        size: about.len(),
    })
}

fn not_read(path: &Path) -> String {
    let ending = path
        .extension()
        .map_or("no ending".into(), |e| format!(".{}", e.to_string_lossy()));
    format!(
        "not a format that is read here ({ending}): save it as .txt, .html or .pdf, or name the file \
         itself"
    )
}

fn document_id(below: &Path) -> String {
    let id = slashed(below);
    unpacked_name(&id).map(str::to_owned).unwrap_or(id)
}

fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_that_is_written_to_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["a.txt", "out/triples.csv", "out/run.xlsx"] {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        let out = root.join("out").canonicalize().unwrap();
        let found = Inputs::below(&[root.to_path_buf()], Some(&out)).sources;
        assert_eq!(found.len(), 1, "{found:?}");
        let named = Inputs::below(&[out.join("triples.csv")], Some(&out)).sources;
        assert!(named[0].is_ok(), "{named:?}");
    }

    #[test]
    fn what_an_earlier_run_wrote_is_read_only_where_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in [
            "a.txt",
            "first/run.json",
            "first/triples.csv",
            "first/texts.jsonl",
            "second/run.json",
            "second/triples.csv",
            "third/run.json",
        ] {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        let run = root.join("first");
        let output = root.join("second").canonicalize().unwrap();
        let found = Inputs::below(&[root.to_path_buf()], Some(&output));
        let ids: Vec<&str> = found
            .sources
            .iter()
            .map(|source| source.as_ref().unwrap().id.as_str())
            .collect();
        assert_eq!(ids, ["a.txt", "third/run.json"]);
        assert_eq!(found.earlier_runs, std::slice::from_ref(&run));
        let named = Inputs::below(&[run], Some(&output));
        assert_eq!((named.sources.len(), named.earlier_runs.len()), (3, 0));
    }

    #[test]
    fn folders_are_walked_in_order_and_nothing_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["b.txt", "a.html", "sub/c.md.gz", "photo.jpg", ".hidden.txt"] {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        std::fs::write(root.join("skipped.txt"), "x").unwrap();
        std::fs::write(root.join(".ignore"), "skipped.txt\n").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(root, root.join("sub/loop")).unwrap();
        let named = [
            root.to_path_buf(),
            root.join(".hidden.txt"),
            root.join("gone.txt"),
        ];
        let found = Inputs::below(&named, None).sources;
        let ids: Vec<&str> = found
            .iter()
            .filter_map(|f| Some(f.as_ref().ok()?.id.as_str()))
            .collect();
        assert_eq!(ids, ["a.html", "b.txt", "sub/c.md", ".hidden.txt"]);
        let failed: Vec<&Failure> = found.iter().filter_map(|f| f.as_ref().err()).collect();
        assert_eq!(failed.len(), 2, "{failed:?}");
        assert!(
            failed
                .iter()
                .any(|f| f.id == "photo.jpg" && f.message.contains(".jpg"))
        );
        assert!(
            failed
                .iter()
                .any(|f| f.id == "gone.txt" && f.message.contains("no such file"))
        );
    }

    #[test]
    fn a_file_is_read_once_by_whatever_path() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir(root.join("sub")).unwrap();
        for name in ["a.txt", "sub/b.txt", "c.dat"] {
            std::fs::write(root.join(name), "x").unwrap();
        }
        #[cfg(unix)]
        for (to, link) in [("a.txt", "z.txt"), ("sub", "zub")] {
            std::os::unix::fs::symlink(root.join(to), root.join(link)).unwrap();
        }
        let ids = |paths: &[PathBuf]| -> Vec<String> {
            let found = Inputs::below(paths, None).sources.into_iter();
            found.filter_map(|f| Some(f.ok()?.id)).collect()
        };
        let all = root.to_path_buf();
        assert_eq!(ids(std::slice::from_ref(&all)), ["a.txt", "sub/b.txt"]);
        let again = [
            root.join("sub/b.txt"),
            all.clone(),
            root.join("sub/../a.txt"),
            root.join("c.dat"),
        ];
        assert_eq!(ids(&again), ["b.txt", "a.txt", "c.dat"]);
        let twice = Inputs::below(&[root.join("a.txt"), root.join("./a.txt")], None);
        assert_eq!((twice.sources.len(), twice.repeats), (1, 1));
        let input = PathBuf::from("-");
        assert_eq!(
            Inputs::below(&[input.clone(), input], None).sources.len(),
            1
        );
    }
}
