//! Every format, spoilt in every way: two hundred and more inputs in one run. None stops it, each
//! has its rows, and the good articles among them are read as if they were alone.

use std::collections::BTreeMap;
use std::io::Write;

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
        ("pdf", pdf()),
    ]
}

/// A page of text, as small as a PDF can be.
fn pdf() -> Vec<u8> {
    let content = format!("BT /F1 12 Tf 50 700 Td ({ARTICLE}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_string(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_string(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_string(),
        format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_string(),
    ];
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (n, object) in objects.iter().enumerate() {
        places.push(file.len());
        write!(file, "{} 0 obj\n{object}\nendobj\n", n + 1).unwrap();
    }
    let table = file.len();
    write!(file, "xref\n0 6\n0000000000 65535 f \n").unwrap();
    for place in places {
        writeln!(file, "{place:010} 00000 n ").unwrap();
    }
    write!(
        file,
        "trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"
    )
    .unwrap();
    file
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

fn packed(name: &str, bytes: &[u8]) -> Vec<u8> {
    if name.ends_with(".zst") {
        return zstd::encode_all(bytes, 1).unwrap();
    }
    gzip(bytes)
}

/// All inputs by name.
fn inputs() -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
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
        assert!(rows.contains_key(name), "{name} has no row");
    }
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
