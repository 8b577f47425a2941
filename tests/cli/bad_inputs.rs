//! Every format, spoilt in every way: two hundred and more inputs in one run. None stops it, each
//! has its rows, and the good articles among them are read as if they were alone.

use std::collections::BTreeMap;

use crate::support::{Workplace, gzip};

const ARTICLE: &str = "Ana Lee met Bo Cho in Rome on Monday. Bo Cho accused Ana Lee of spying.";

/// The same article in each format of several.
fn whole() -> Vec<(&'static str, Vec<u8>)> {
    let json = serde_json::json!({"id": "a", "title": "Talks in Rome", "text": ARTICLE});
    vec![
        ("txt", format!("Talks in Rome\n\n{ARTICLE}\n").into_bytes()),
        ("md", format!("# Talks in Rome\n\n{ARTICLE}\n").into_bytes()),
        (
            "html",
            format!("<html><head><title>Talks</title></head><body><article><p>{ARTICLE}</p></article></body></html>")
                .into_bytes(),
        ),
        ("json", json.to_string().into_bytes()),
        ("jsonl", format!("{json}\n{json}\n").into_bytes()),
        ("csv", format!("id,title,text\n1,Talks,\"{ARTICLE}\"\n").into_bytes()),
        ("tsv", format!("id\ttitle\ttext\n1\tTalks\t{ARTICLE}\n").into_bytes()),
        ("pdf", include_bytes!("../fixtures/article.pdf").to_vec()),
    ]
}

/// Noise that is the same in each run (a linear congruential generator).
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

fn utf16(text: &str, big_endian: bool, mark: bool) -> Vec<u8> {
    let units = mark
        .then_some(0xfeff)
        .into_iter()
        .chain(text.encode_utf16());
    units
        .flat_map(|unit: u16| {
            if big_endian {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}

type Spoil = fn(&[u8]) -> Vec<u8>;

/// Ways to spoil a file.
fn ways() -> Vec<(&'static str, Spoil)> {
    fn text(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }
    vec![
        ("empty", |_| Vec::new()),
        ("one-byte", |_| b"{".to_vec()),
        ("high-byte", |_| vec![0xff]),
        ("mark-only", |_| vec![0xef, 0xbb, 0xbf]),
        ("spaces", |_| b" \n\t\r\n ".repeat(50)),
        ("half", |w| w[..w.len() / 2].to_vec()),
        ("last-byte-gone", |w| w[..w.len() - 1].to_vec()),
        ("first-byte-gone", |w| w[1..].to_vec()),
        ("twice", |w| w.repeat(2)),
        ("invalid-utf8", |w| {
            [w, &[0xc3, 0x28, 0xa0, 0xe2, 0x82]].concat()
        }),
        ("zeros-within", |w| {
            let (a, b) = w.split_at(w.len() / 2);
            [a, &[0; 9], b].concat()
        }),
        ("zeros-only", |_| vec![0; 4096]),
        ("noise", |_| noise(5000)),
        ("noise-after", |w| [w, &noise(500)].concat()),
        ("utf16-le", |w| utf16(&text(w), false, true)),
        ("utf16-be", |w| utf16(&text(w), true, true)),
        ("utf16-le-unmarked", |w| utf16(&text(w), false, false)),
        ("utf16-odd", |w| {
            let mut units = utf16(&text(w), false, true);
            units.pop();
            units
        }),
        ("returns", |w| text(w).replace('\n', "\r").into_bytes()),
        ("punctuation", |_| {
            "... !!! ??? «» — ; , () [] \u{2026}\n"
                .repeat(40)
                .into_bytes()
        }),
        ("right-to-left", |w| {
            text(w)
                .replace("Ana Lee", "\u{202e}آنا لي\u{202c}")
                .into_bytes()
        }),
        ("combining", |w| {
            let marks = "\u{301}\u{323}\u{489}".repeat(60);
            text(w)
                .replace("Rome", &format!("R{marks}ome"))
                .into_bytes()
        }),
        ("long-token", |w| {
            text(w).replace("Rome", &"Rom".repeat(22_000)).into_bytes()
        }),
        ("long-line", |w| {
            text(w)
                .replace("on Monday", &"and on ".repeat(500))
                .into_bytes()
        }),
        ("formula", |w| {
            text(w).replace("Ana Lee", "=HYPERLINK(\"x\")").into_bytes()
        }),
        ("controls", |w| {
            text(w)
                .replace(' ', "\u{7}\u{1b}[31m\u{85}\u{2028} ")
                .into_bytes()
        }),
        ("surrogate", |w| {
            text(w).replace("Ana Lee", "\\ud800 \\udfff").into_bytes()
        }),
        ("deep", |w| [&b"<div>[{\"a\":".repeat(3_000), w].concat()),
        ("unclosed", |w| {
            text(w).replace("</", "<").replace('"', "").into_bytes()
        }),
    ]
}

/// What is wrong in one format only.
fn odd() -> Vec<(&'static str, Vec<u8>)> {
    let bytes = |text: String| text.into_bytes();
    let nested = |times: usize, open: &str, close: &str| {
        bytes(open.repeat(times) + ARTICLE + &close.repeat(times))
    };
    // One of these is enough: it takes the whole minute that a parser has.
    let deepest = nested(100_000, "<div>", "</div>");
    let deep = |open: &str, close: &str| nested(3_000, open, close);
    let good = serde_json::json!({"text": ARTICLE}).to_string();
    vec![
        ("deep-boxes.html", deepest),
        ("deep-boxes-unclosed.html", deep("<div>", "")),
        ("deep-lists.html", deep("<ul><li>", "</li></ul>")),
        ("deep-tables.html", deep("<table><tr><td>", "")),
        ("deep-marks.html", deep("<b><i>", "")),
        ("many-paragraphs.html", bytes("<p>x</p>".repeat(300_000))),
        ("long-attribute.html", bytes(format!("<p class=\"{}\">{ARTICLE}", "a ".repeat(500_000)))),
        ("odd-entities.html", bytes(format!("<p>{ARTICLE} &#xD800; &#x110000; &#0; &amp &nosuch; &#99999999999;</p>"))),
        ("tag-soup.html", bytes(format!("</p></div><p <b>{ARTICLE}<!-- <p></b><script>if (a < b) {{"))),
        ("deep-quotes.md", nested(100_000, ">", "")),
        ("deep-brackets.md", nested(100_000, "[", "](x)")),
        ("deep-stars.md", nested(100_000, "*a _", "_*")),
        ("deep-lists.md", bytes((0..3_000).map(|n| format!("{}- a\n", " ".repeat(n))).collect())),
        ("front-matter-open.md", bytes(format!("---\ntitle: [\ndate: never\n\n{ARTICLE}"))),
        ("deep-lists.json", nested(100_000, "[", "]")),
        ("deep-objects.json", nested(100_000, "{\"text\":", "}")),
        ("odd-numbers.json", bytes(format!("{{\"id\": 1e999, \"date\": -0, \"text\": \"{ARTICLE}\"}}"))),
        ("odd-kinds.json", bytes("[null, 7, \"x\", [], {}, {\"text\": null}, {\"text\": [1]}, {\"text\": {\"a\": 1}}]".into())),
        ("between.jsonl", bytes(format!("{good}\n{{broken\n{good}\n\n[7\n{good}"))),
        ("columns.csv", bytes("a,b\n1,2\n".into())),
        ("columns-twice.csv", bytes(format!("text,text,id\n{ARTICLE},x,1\n"))),
        ("rows-of-any-length.csv", bytes(format!("id,title,text\n1\n2,Talks\n3,Talks,{ARTICLE},more,more\n,,\n"))),
        ("quote-unclosed.csv", bytes(format!("id,text\n1,\"{ARTICLE}\n2,x\n"))),
        ("quotes-within.csv", bytes(format!("id,text\n1,a \"quote\" {ARTICLE}\n"))),
        ("header-only.csv", bytes("id,title,text\n".into())),
        ("half-pairs.txt", [b"Ana \xed\xa0\x80 Lee \xed\xbf\xbf", ARTICLE.as_bytes()].concat()),
        ("half-pairs-utf16.txt", [0xfeff, 0xd800, 0x41, 0xdc00].into_iter().chain(ARTICLE.encode_utf16())
            .flat_map(u16::to_le_bytes).collect()),
        ("marks-only.txt", bytes("\u{301}\u{200f}\u{202e}\u{feff}".repeat(5_000))),
        ("one-mark.txt", bytes("\u{301}".into())),
        ("dots.txt", bytes(".".repeat(20_000))),
        ("quotes.txt", bytes("\u{201c}\"'(".repeat(5_000))),
        ("lines.txt", bytes("\n".repeat(200_000))),
        ("initials.txt", bytes("A. ".repeat(5_000))),
        ("long-names.txt", bytes(format!("{} met {}.", "Ana ".repeat(3_000), "Bo ".repeat(3_000)))),
        ("encrypted.pdf", include_bytes!("../fixtures/encrypted.pdf").to_vec()),
        ("page.txt", bytes(format!("<html><body><p>{ARTICLE}</p>"))),
        ("picture.pdf", b"\x89PNG\r\n\x1a\n".repeat(100)),
    ]
}

/// Whether files of this name hold one article.
fn is_single(name: &str) -> bool {
    let name = name.trim_end_matches(".gz").trim_end_matches(".zst");
    ["txt", "md", "html", "pdf"]
        .iter()
        .any(|e| name.ends_with(&format!(".{e}")))
}

fn packed(name: &str, bytes: &[u8]) -> Vec<u8> {
    if name.ends_with(".zst") {
        return zstd::encode_all(bytes, 1).unwrap();
    }
    gzip(bytes)
}

/// All inputs by name.
fn inputs() -> BTreeMap<String, Vec<u8>> {
    let mut all: BTreeMap<String, Vec<u8>> = odd()
        .into_iter()
        .map(|(name, bytes)| (name.to_string(), bytes))
        .collect();
    for (format, whole) in whole() {
        for (way, spoil) in ways() {
            all.insert(format!("{way}.{format}"), spoil(&whole));
        }
        // Packed well or badly, and what only claims to be packed.
        for ending in ["gz", "zst"] {
            let name = format!("{format}.{ending}");
            let good = packed(&name, &whole);
            all.insert(format!("packed.{name}"), good.clone());
            all.insert(format!("cut.{name}"), good[..good.len() / 2].to_vec());
            all.insert(format!("head-only.{name}"), good[..4].to_vec());
            all.insert(format!("unpacked.{name}"), whole.clone());
            all.insert(format!("empty.{name}"), Vec::new());
        }
    }
    all
}

#[test]
fn two_hundred_spoilt_inputs_spoil_nothing_else() {
    let place = Workplace::new();
    for n in 0..3 {
        place.input(&format!("good-{n}.txt"), ARTICLE);
    }
    place.extract(&[]).success();
    let alone = place.table("triples.csv");
    let spoilt = inputs();
    assert!(spoilt.len() >= 200, "{}", spoilt.len());
    for (name, bytes) in &spoilt {
        place.input(name, bytes);
    }
    let begun = std::time::Instant::now();
    let run = place.extract(&["--quiet"]).code(3);
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(!said.contains("panicked"), "{said}");
    assert!(
        begun.elapsed().as_secs() < 900,
        "took {:?}",
        begun.elapsed()
    );

    let documents = place.table("documents.csv");
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in documents.rows() {
        let file = row.get("source_file").rsplit('/').next().unwrap();
        let file = file.split(':').next().unwrap().to_string();
        let status = row.get("status");
        assert!(
            ["ok", "empty", "failed"].contains(&status),
            "{file}: {status}"
        );
        if status != "ok" {
            assert!(
                !row.get("message").is_empty(),
                "{file} is {status} and no word why"
            );
        }
        rows.entry(file).or_default().push(status.to_string());
    }
    for name in spoilt.keys() {
        let number = rows.get(name).map_or(0, Vec::len);
        assert!(number > 0, "{name} has no row");
        assert!(number == 1 || !is_single(name), "{name} has {number} rows");
    }
    let encrypted = documents.row("doc_id", "encrypted.pdf");
    assert!(encrypted.get("message").contains("encrypted"));
    assert_eq!(
        rows["between.jsonl"],
        ["ok", "failed", "ok", "failed", "ok"]
    );
    for (format, _) in whole() {
        for ending in ["gz", "zst"] {
            let name = format!("packed.{format}.{ending}");
            assert!(
                rows[&name].iter().all(|s| s == "ok"),
                "{name}: {:?}",
                rows[&name]
            );
            for bad in ["cut", "head-only"] {
                let name = format!("{bad}.{format}.{ending}");
                assert!(
                    rows[&name].contains(&"failed".to_string()),
                    "{name}: {:?}",
                    rows[&name]
                );
            }
        }
        let name = format!("noise.{format}");
        assert!(
            rows[&name].iter().all(|s| s != "ok"),
            "{name}: {:?}",
            rows[&name]
        );
    }
    let triples = place.table("triples.csv");
    for row in alone.rows() {
        let with_others = triples.row("triple_id", row.get("triple_id"));
        for column in [
            "subject",
            "relation",
            "object",
            "status",
            "confidence",
            "sentence",
        ] {
            assert_eq!(with_others.get(column), row.get(column));
        }
    }
}

/// Longer than this test has time for, so run by hand: `cargo test --release --test cli -- --ignored`.
#[test]
#[ignore = "takes a minute and a gigabyte of disk and memory"]
fn a_line_of_200_megabytes_is_no_trap() {
    let place = Workplace::new();
    let line = "x".repeat(200 << 20);
    place.input("line.txt", &line);
    place.input("line.html", &line);
    place.input("line.jsonl", format!("{{\"text\":\"{line}\"}}\n"));
    place.input("line.csv", format!("id,text\n1,{line}\n"));
    place.input("good.txt", ARTICLE);
    let run = place
        .command(&["in"], &["--quiet", "--max-text-mb", "256"])
        .timeout(std::time::Duration::from_secs(900))
        .assert();
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(
        matches!(run.get_output().status.code(), Some(0 | 3)),
        "{said}"
    );
    assert!(!said.contains("panicked"), "{said}");
    let documents = place.table("documents.csv");
    assert_eq!(documents.rows().len(), 5);
    assert_eq!(documents.row("doc_id", "good.txt").get("status"), "ok");
}
