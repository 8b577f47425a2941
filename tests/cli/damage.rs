//! Inputs that cannot be read: the run goes on, each has its row, and the exit code tells.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::support::{Workplace, as_plain_user, gzip};

/// A folder with one good article among many bad inputs.
fn damaged() -> Workplace {
    let place = Workplace::new();
    place.input("good.txt", "Ana Lee met Bo Cho in Rome.");
    place.input("empty.txt", "");
    place.input("broken.pdf", "%PDF-1.4 nothing more");
    place.input("broken.json", "{\"text\": ");
    place.input(
        "lines.jsonl",
        "{\"text\":\"Ana Lee left Rome.\"}\n{broken\n",
    );
    place.input("columns.csv", "a,b\n1,2\n");
    place.input("photo.jpg", [0xff, 0xd8, 0xff, 0xe0]);
    let whole = gzip("Bo Cho stayed in Rome. ".repeat(500).as_bytes());
    place.input("cut.txt.gz", &whole[..whole.len() / 2]);
    place
}

#[test]
fn every_bad_input_has_its_row_and_its_reason() {
    let place = damaged();
    place
        .extract(&[])
        .code(3)
        .stderr(contains("failed").and(contains("documents.csv")));
    let documents = place.table("documents.csv");
    for (id, status, reason) in [
        ("good.txt", "ok", ""),
        ("empty.txt", "empty", "no text"),
        ("broken.pdf", "failed", "damaged"),
        ("broken.json", "failed", "no JSON"),
        ("lines.jsonl:1", "ok", ""),
        ("lines.jsonl:2", "failed", "no JSON"),
        ("columns.csv", "failed", "--text-field"),
        ("photo.jpg", "failed", ".jpg"),
        ("cut.txt", "failed", "cannot be read"),
    ] {
        let row = documents.row("doc_id", id);
        assert_eq!(row.get("status"), status, "{id}");
        assert!(
            row.get("message").contains(reason),
            "{id}: {}",
            row.get("message")
        );
    }
    assert_eq!(documents.rows().len(), 9);
}

#[test]
fn fail_fast_ends_at_the_first_bad_input() {
    damaged()
        .extract(&["--fail-fast"])
        .code(1)
        .stderr(contains("broken.json"));
}

#[test]
fn lines_and_rows_have_a_limit() {
    let place = Workplace::new();
    let good = "{\"text\":\"Ana Lee left Rome.\"}\n";
    let long = "x".repeat(2 << 20);
    place.input("lines.jsonl", format!("{{\"text\":\"{long}\"}}\n{good}"));
    place.input(
        "rows.csv",
        format!("id,text\n1,Ana Lee left Rome.\n2,\"{long}\n"),
    );
    place.extract(&["--max-article-mb", "1"]).code(3);
    let documents = place.table("documents.csv");
    for (id, status) in [
        ("lines.jsonl:1", "failed"),
        ("lines.jsonl:2", "ok"),
        ("1", "ok"),
        ("rows.csv:3", "failed"),
    ] {
        let row = documents.row("doc_id", id);
        assert_eq!(row.get("status"), status, "{id}");
        let limited = row.get("message").contains("--max-article-mb");
        assert_eq!(limited, status == "failed", "{id}");
    }
    assert_eq!(documents.rows().len(), 4);
}

#[test]
fn texts_have_a_limit() {
    let place = Workplace::new();
    place.input("book.txt", "Ana Lee left Rome. ".repeat(60_000));
    place.input("good.txt", "Ana Lee left Rome.");
    place.extract(&["--max-text-mb", "1"]).code(3);
    let documents = place.table("documents.csv");
    let book = documents.row("doc_id", "book.txt");
    assert_eq!(book.get("status"), "failed");
    assert_eq!(
        book.get("message"),
        "has more than 1 MB of text: split it, or raise --max-text-mb"
    );
    assert_eq!(documents.row("doc_id", "good.txt").get("status"), "ok");
}

/// A small file that unpacks to a big one is told by the limit, whatever the form, and what else it
/// holds before that is kept.
#[test]
fn what_unpacks_to_more_than_the_limit_is_told() {
    let place = Workplace::new();
    let zeros = vec![b' '; 3 << 20];
    let long = " ".repeat(3 << 20);
    let good = "Ana Lee left Rome.";
    let lines = format!("{{\"text\":\"{good}\"}}\n{{\"text\":\"{long}\"}}\n");
    let table = format!("id,text\n1,{good}\n2,\"{long}\"\n");
    for (name, content) in [
        ("bomb.txt", &zeros[..]),
        ("bomb.html", &zeros),
        ("bomb.pdf", &zeros),
        ("bomb.json", &zeros),
        ("lines.jsonl", lines.as_bytes()),
        ("table.csv", table.as_bytes()),
    ] {
        let packed = gzip(content);
        assert!(packed.len() < 100_000);
        place.input(&format!("{name}.gz"), packed);
        place.input(
            &format!("{name}.zst"),
            zstd::encode_all(content, 1).unwrap(),
        );
    }
    place.input("good.txt", "Ana Lee met Bo Cho in Rome.");
    place.extract(&["--max-file-mb", "1"]).code(3);
    let documents = place.table("documents.csv");
    let number = |status: &str, word: &str| {
        let rows = documents.rows();
        let of = rows.iter().filter(|row| row.get("status") == status);
        of.filter(|row| row.get("message").contains(word)).count()
    };
    assert_eq!(number("failed", "raise --max-file-mb"), 12);
    assert_eq!(number("ok", ""), 5);
    assert_eq!(documents.rows().len(), 17);
    place.extract(&["--max-file-mb", "8"]).code(3);
    let documents = place.table("documents.csv");
    let told = |row: &crate::table::Row| row.get("message").contains("--max-file-mb");
    assert!(!documents.rows().iter().any(told));
}

/// Names that file systems allow and nobody expects.
#[cfg(target_os = "linux")]
#[test]
fn odd_names_are_names() {
    use std::os::unix::ffi::OsStrExt;
    let place = Workplace::new();
    let text = "Ana Lee met Bo Cho in Rome.";
    for name in [
        "two\nlines.txt",
        "=1+1.txt",
        "-o.txt",
        "comma, \"quote\";.txt",
        "tab\tand\rreturn.txt",
        "\u{202e}txt.fdp.txt",
        "e\u{301}.txt",
        "folder.txt/inside.txt",
        "folder.json/inside.json/inside.txt",
        " .txt",
    ] {
        place.input(name, text);
    }
    let broken = std::ffi::OsStr::from_bytes(b"caf\xe9\xff.txt");
    std::fs::write(place.path().join("in").join(broken), text).unwrap();
    place.input("long", text);
    let long = format!("{}.txt", "n".repeat(251));
    std::fs::rename(
        place.path().join("in/long"),
        place.path().join("in").join(long),
    )
    .unwrap();
    place.extract(&[]).success();
    let documents = place.table("documents.csv");
    assert_eq!(documents.rows().len(), 12);
    for row in documents.rows() {
        assert_eq!(row.get("status"), "ok", "{}", row.get("source_file"));
    }
    let ids: std::collections::BTreeSet<&str> = documents
        .rows()
        .iter()
        .map(|row| row.get("doc_id"))
        .collect();
    assert_eq!(ids.len(), 12);
    let mentions = place.table("mentions.csv");
    assert!(
        mentions
            .rows()
            .iter()
            .all(|row| ids.contains(row.get("doc_id")))
    );
}

/// Devices give no end of bytes, or none at all, whether they are named or linked to.
#[cfg(unix)]
#[test]
fn devices_are_not_read() {
    let place = Workplace::new();
    place.input("good.txt", "Ana Lee met Bo Cho in Rome.");
    for device in ["zero", "null", "tty"] {
        let link = place.path().join(format!("in/{device}.txt"));
        std::os::unix::fs::symlink(format!("/dev/{device}"), link).unwrap();
    }
    place
        .command(&["in", "/dev/zero", "/dev/null"], &[])
        .timeout(std::time::Duration::from_secs(60))
        .assert()
        .code(3);
    let documents = place.table("documents.csv");
    let devices = documents.rows();
    let devices = devices.iter().filter(|row| {
        row.get("status") == "failed" && row.get("message").contains("neither a file nor a folder")
    });
    // Those that are also named are met twice, and told once.
    assert_eq!((devices.count(), documents.rows().len()), (3, 4));
}

/// Files and folders whose owner does not let this user read them.
#[cfg(unix)]
#[test]
fn what_may_not_be_read_has_its_row() {
    use std::os::unix::fs::PermissionsExt;
    let place = Workplace::new();
    place.input("good.txt", "Ana Lee met Bo Cho in Rome.");
    let file = place.input("locked.txt", "Bo Cho left.");
    let lines = place.input("locked.jsonl", "{\"text\":\"Bo Cho left.\"}\n");
    let folder = place.input("locked/a.txt", "Bo Cho left.");
    let folder = folder.parent().unwrap();
    for path in [&file, &lines, folder] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o0)).unwrap();
    }
    let Some(program) = as_plain_user(&place, &["in"]) else {
        eprintln!("passed over: the program cannot be run as a user who may not read all files");
        return;
    };
    let ended = program.wait_with_output().unwrap();
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(
        ended.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    let documents = place.table("documents.csv");
    assert_eq!(documents.row("doc_id", "good.txt").get("status"), "ok");
    for id in ["locked.txt", "locked.jsonl", "locked"] {
        let row = documents.row("doc_id", id);
        assert_eq!(row.get("status"), "failed", "{id}");
        assert!(
            row.get("message").contains("does not allow it"),
            "{id}: {}",
            row.get("message")
        );
    }
    assert_eq!(documents.rows().len(), 4);
}

#[cfg(unix)]
#[test]
fn links_to_nothing_in_circles_and_pipes_are_no_trap() {
    let place = Workplace::new();
    let article = place.input("sub/a.txt", "Ana Lee met Bo Cho in Rome.");
    let folder = article.parent().unwrap();
    std::os::unix::fs::symlink(place.path().join("in"), folder.join("circle")).unwrap();
    std::os::unix::fs::symlink("nothing", folder.join("dangling.txt")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(folder.join("pipe.txt"))
        .status();
    assert!(made.unwrap().success());
    place.extract(&[]).code(3);
    let documents = place.table("documents.csv");
    assert_eq!(documents.row("doc_id", "sub/a.txt").get("status"), "ok");
    for (id, reason) in [
        ("sub/dangling.txt", "a link to nothing"),
        ("sub/pipe.txt", "neither a file nor a folder"),
    ] {
        let row = documents.row("doc_id", id);
        assert_eq!(row.get("status"), "failed");
        assert!(row.get("message").contains(reason), "{id}");
    }
    assert_eq!(documents.rows().len(), 3);
}

#[test]
fn a_folder_without_articles_is_wrong_usage_and_nothing_is_written() {
    let place = Workplace::new();
    place.input(".hidden.txt", "Ana Lee met Bo Cho.");
    place
        .extract(&[])
        .code(2)
        .stderr(contains("no articles found in in: looked for .txt, "));
    place.input("photo.jpg", "x");
    place
        .extract(&[])
        .code(2)
        .stderr(contains("one file that cannot be read: in/photo.jpg: "));
    assert!(!place.out().exists());
}

#[test]
fn articles_without_words_give_empty_tables() {
    let place = Workplace::new();
    place.input("a.txt", " \n");
    place.extract(&[]).success();
    for name in ["triples", "mentions", "entities", "edges"] {
        let table = place.table(&format!("{name}.csv"));
        assert!(table.header.len() > 5 && table.rows().is_empty(), "{name}");
    }
}
