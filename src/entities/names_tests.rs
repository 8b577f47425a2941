//! Entities of whole documents and runs.

use proptest::prelude::*;

use super::*;
use crate::annotation::{Mention, Relation, Status};
use crate::text::{Span, split_sentences};

/// A text in which each mention is written as `[PER Edi Rama]`.
fn page(marked: &str) -> (String, Annotations) {
    let mut text = String::new();
    let mut mentions = Vec::new();
    let mut rest = marked;
    while let Some((before, inside)) = rest.split_once('[') {
        let (mention, after) = inside.split_once(']').unwrap();
        let (label, name) = mention.split_once(' ').unwrap();
        text.push_str(before);
        let start = text.len();
        text.push_str(name);
        mentions.push(Mention {
            span: Span::new(start, text.len()),
            label: label.into(),
            sentence: 0,
            confidence: 1.0,
            reference: None,
        });
        rest = after;
    }
    text.push_str(rest);
    let sentences = split_sentences(&text);
    for mention in &mut mentions {
        mention.sentence = sentences.partition_point(|s| s.end <= mention.span.start);
    }
    let layers = Annotations {
        sentences,
        mentions,
        relations: Vec::new(),
    };
    (text, layers)
}

/// The run of these documents, and of each mention its entity's name and how it leads there.
fn run_with(aliases: Aliases, marked: &[&str]) -> (Entities, Vec<Vec<(String, Via)>>) {
    let pages: Vec<_> = marked.iter().map(|marked| page(marked)).collect();
    let mut names = Names::new(aliases);
    for (text, layers) in &pages {
        names.add(text, layers);
    }
    let entities = names.resolve();
    let found = pages
        .iter()
        .map(|(text, layers)| {
            let found = entities.of(text, layers).unwrap();
            let all = entities.all();
            found
                .iter()
                .map(|f| (all[f.entity].name.clone(), f.via))
                .collect()
        })
        .collect();
    (entities, found)
}

fn run(marked: &[&str]) -> Vec<Vec<String>> {
    let (_, found) = run_with(Aliases::default(), marked);
    let names = |document: Vec<(String, Via)>| document.into_iter().map(|(name, _)| name).collect();
    found.into_iter().map(names).collect()
}

fn document(marked: &str) -> Vec<String> {
    run(&[marked]).swap_remove(0)
}

#[test]
fn a_country_is_one_entity_however_it_is_called() {
    let (entities, found) = run_with(
        Aliases::default(),
        &[
            "[LOC Albania] and the [LOC Republic of Albania]. The [MISC Albanian] government blamed \
           [LOC Iran]. It severed ties with [LOC Tehran]. The embassy in [LOC Tehran] is closed.",
        ],
    );
    let albania = &entities.all()[0];
    assert_eq!(
        (albania.name.as_str(), albania.label.as_str()),
        ("Albania", "LOC")
    );
    assert_eq!(albania.country.as_deref(), Some("ALB"));
    assert_eq!(albania.aliases, ["Albanian", "Republic of Albania"]);
    let expected = [
        ("Albania", Via::Name),
        ("Albania", Via::Name),
        ("Albania", Via::Nationality),
        ("Iran", Via::Name),
        ("Iran", Via::Capital),
        ("Tehran", Via::Name),
    ];
    assert_eq!(found[0], expected.map(|(name, via)| (name.to_owned(), via)));
    assert_eq!(entities.all().len(), 3);
}

#[test]
fn an_article_that_most_sentences_have_is_shown() {
    let (entities, _) = run_with(
        Aliases::default(),
        &[
            "[ORG The Harbor] wrote so. Bo told [ORG The Harbor] of it, and the [ORG Fleet].",
            "The [ORG Harbor] wrote that [ORG Harbor] readers knew. Ann told The [ORG Harbor] and \
             the [ORG Fleet].",
        ],
    );
    let all = entities.all();
    let names: Vec<&str> = all.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names, ["The Harbor", "Fleet"]);
    assert_eq!(all[0].id, entity_id(&"ORG".into(), "harbor"));
    assert_eq!((all[0].mentions, all[0].aliases.len()), (5, 0));
}

#[test]
fn a_relation_can_tell_that_a_capital_acts() {
    let (text, mut layers) = page("New measures hit [LOC Tehran], [LOC France] announced.");
    layers.relations.push(Relation {
        subject: 1,
        object: 0,
        label: "sanctions".into(),
        trigger: None,
        status: Status::Asserted,
        attributed_to: None,
        confidence: 0.9,
    });
    let mut names = Names::default();
    names.add(&text, &layers);
    let entities = names.resolve();
    assert_eq!(entities.all()[0].name, "Iran");
}

#[test]
fn a_shared_name_is_a_country_s_only_beside_surer_names() {
    assert_eq!(document("[LOC Georgia] voted."), ["Georgia"]);
    let (entities, _) = run_with(
        Aliases::default(),
        &["[LOC Georgia] voted in [LOC Tbilisi]."],
    );
    assert_eq!(entities.all()[0].country.as_deref(), Some("GEO"));
    assert_eq!(
        document("[LOC North Korea] fired. [MISC Korean] media and the [MISC Islamic Republic]."),
        ["North Korea", "North Korea", "Islamic Republic"]
    );
}

#[test]
fn georgians_are_of_the_state_or_of_the_country() {
    let state = "Georgia (U.S. state)";
    let american = document(
        "[LOC Georgia] voted; [MISC Georgians] and [MISC Texans] queued, in [LOC Texas] and the \
         [LOC U.S.]",
    );
    assert_eq!(american, [state, state, "Texas", "Texas", "United States"]);
    for surer in ["[LOC Tbilisi]", "[LOC Russia] and [LOC Ukraine]"] {
        let text = format!(
            "[LOC Georgia] voted; [MISC Georgians] queued in {surer}, unlike in [LOC Texas] and the \
             [LOC U.S.]"
        );
        assert_eq!(document(&text)[..2], ["Georgia"; 2], "{surer}");
    }
    assert_eq!(
        document("The [MISC Georgian] president left [LOC Georgia]."),
        ["Georgia"; 2]
    );
}

#[test]
fn people_are_named_in_full_once() {
    assert_eq!(
        document(
            "[PER Rama] quits\n\n[PER Edi Rama] said no. [PER Rama]'s aides and [PER Mr. Rama]."
        ),
        ["Edi Rama"; 4]
    );
    assert_eq!(
        document("[PER Kim Jong-un] met him. [PER Kim] left. [PER Kim Jong Un]."),
        ["Kim Jong Un"; 3].map(|_| "Kim Jong Un".to_owned())
    );
}

#[test]
fn all_forms_of_a_name_lead_to_one_person() {
    assert_eq!(
        document(
            "[PER Bob Hale] came. [PER Bob Hale] spoke. [PER Robert Hale] left. \
             [PER Robert Ellis Hale] stayed. [PER Hale] slept."
        ),
        ["Bob Hale"; 5]
    );
}

#[test]
fn two_bushes_stay_two() {
    let names = document(
        "[PER George W. Bush] and [PER George H.W. Bush] met [PER Jeb Bush]. [PER Bush] spoke.",
    );
    assert_eq!(
        names,
        ["George W. Bush", "George H. W. Bush", "Jeb Bush", "Bush"]
    );
}

#[test]
fn a_state_is_one_entity_and_no_country() {
    assert_eq!(
        document(
            "[LOC Texas], [LOC Calif.] and [LOC Ga.] vote; [LOC Georgia] is last. [LOC D.C.] waits."
        ),
        [
            "Texas",
            "California",
            "Georgia (U.S. state)",
            "Georgia (U.S. state)",
            "Washington, D.C."
        ]
    );
    assert_eq!(
        document("[LOC Georgia] and [LOC Tbilisi] wait for the [LOC U.S.] to act."),
        ["Georgia", "Tbilisi", "United States"]
    );
    assert_eq!(document("[LOC Georgia] waits."), ["Georgia"]);
    assert_eq!(
        document("It rained in [LOC Seattle], [LOC Washington], on Monday."),
        ["Seattle", "Washington (U.S. state)"]
    );
}

#[test]
fn spellings_of_one_name_are_one_person() {
    let documents = run(&[
        "[PER Viktor Yanukovych] left.",
        "[PER Viktor Yanukovych] is gone.",
        "[PER Viktor Yanukovich] spoke. [PER Yanukovich] left.",
        "[PER Steve Bannon] and [PER Stephen Miller] met.",
        "[PER Steve Bannon] spoke.",
        "[PER Stephen Bannon] left with [PER Steven Miller].",
    ]);
    let all: Vec<&str> = documents.iter().flatten().map(String::as_str).collect();
    assert_eq!(
        all,
        [
            "Viktor Yanukovych",
            "Viktor Yanukovych",
            "Viktor Yanukovych",
            "Viktor Yanukovych",
            "Steve Bannon",
            "Stephen Miller",
            "Steve Bannon",
            "Steve Bannon",
            "Steven Miller"
        ]
    );
}

#[test]
fn names_of_equally_many_documents_do_not_change_places() {
    let documents = run(&[
        "[PER Christine Blasey Ford] spoke.",
        "[PER Christine Ford] left.",
        "[PER Christine Blasey Ford] left.",
        "[PER Christine Ford] spoke.",
    ]);
    assert_eq!(documents, [["Christine Blasey Ford"]; 4]);
}

#[test]
fn spellings_do_not_part_whom_a_surname_means() {
    let documents = run(&[
        "[PER Mohamed Morsi] left.",
        "[PER Mohammed Morsi] left.",
        "[PER Mohamed Morsi] spoke.",
        "[PER Morsi] is gone.",
    ]);
    assert_eq!(documents[3], ["Mohamed Morsi"]);
}

#[test]
fn a_place_is_no_short_form_of_a_newspaper() {
    let names = document("The [ORG New York Times] wrote that [ORG New York] lost.");
    assert_eq!(names, ["New York Times", "New York"]);
}

#[test]
fn only_facts_have_an_item_of_wikidata() {
    let (entities, _) = run_with(
        Aliases::default(),
        &["[LOC Albanian] and [ORG EU] envoys met [PER Jordan] in [LOC Vlora]."],
    );
    let items: Vec<_> = entities.all().iter().map(|e| e.wikidata).collect();
    assert_eq!(items, [Some("Q222"), Some("Q458"), None, None]);
}

#[test]
fn a_surname_without_a_full_name_is_whom_the_run_has_in_mind() {
    let named = "[PER Donald Trump] spoke. [PER Trump] left.";
    let alone = "[PER Trump] tweeted.";
    let daughter = "[PER Trump] came. [PER Ivanka Trump] came too.";
    let found = run(&[named, named, named, named, named, named, alone, daughter]);
    assert_eq!(found[6], ["Donald Trump"]);
    assert_eq!(found[7], ["Donald Trump", "Ivanka Trump"]);
    let parents = "[PER Fred Trump] met [PER Mary Trump]. [PER Trump] tweeted.";
    let found = run(&[named, named, named, named, named, parents]);
    assert_eq!(found[5], ["Fred Trump", "Mary Trump", "Donald Trump"]);
    // One document is no evidence, nor is a split run.
    assert_eq!(run(&[named, alone])[1], ["Trump"]);
    let other = "[PER Mary Trump] spoke. [PER Trump] left.";
    assert_eq!(run(&[named, named, other, other, alone])[4], ["Trump"]);
}

#[test]
fn a_formal_name_is_whose_it_is_and_a_child_is_not_the_parent() {
    let (plain, formal) = (
        "[PER Joe Biden] spoke.",
        "[PER Joseph R. Biden Jr.] sat. [PER Biden] left.",
    );
    let found = run(&[plain, plain, plain, plain, plain, formal]);
    assert_eq!(found[5], ["Joe Biden", "Joe Biden"]);
    let twice = "[PER Joseph R. Biden Jr.] sat, [PER Joseph Biden Jr.] rose. [PER Biden Jr.] left.";
    let found = run(&[plain, plain, plain, plain, plain, plain, twice]);
    assert_eq!(found[6], ["Joe Biden", "Joe Biden", "Joe Biden"]);
    let father = "[PER Donald Trump] spoke.";
    let son =
        "[PER Donald Trump] met [PER Donald Trump Jr.]. [PER Trump] left; [PER Trump Jr.] slept.";
    let alone = "[PER Trump Jr.] woke.";
    let found = run(&[father, father, father, father, father, son, son, alone]);
    let of_son = [
        "Donald Trump",
        "Donald Trump Jr.",
        "Donald Trump",
        "Donald Trump Jr.",
    ];
    assert_eq!(found[5], of_son);
    assert_eq!(found[7], ["Donald Trump Jr."]);
    assert_eq!(run(&[plain, plain, formal])[2][0], "Joseph R. Biden Jr.");
}

#[test]
fn a_presidency_tells_whose_a_surname_is() {
    let bill = "President [PER Bill Clinton] spoke. [PER Clinton] left.";
    let hillary = "[PER Hillary Clinton] spoke. [PER Clinton] left.";
    let office = "The [PER Clinton] administration and the [PER Clinton]-era laws.";
    let both = "[PER Hillary Clinton] left the [PER Clinton] White House. [PER Clinton] spoke.";
    let imagined = "[PER Hillary Clinton] spoke of a [PER Clinton] administration.";
    let found = run(&[
        bill,
        bill,
        hillary,
        hillary,
        hillary,
        office,
        both,
        imagined,
        "[PER Clinton] spoke.",
        "A [PER Clinton] judge ruled. Both the [PER Clinton] and Obama administrations did.",
    ]);
    assert_eq!(found[5], ["Bill Clinton"; 2]);
    assert_eq!(
        found[6],
        ["Hillary Clinton", "Bill Clinton", "Hillary Clinton"]
    );
    assert_eq!(found[7], ["Hillary Clinton"; 2]);
    assert_eq!(found[8], ["Hillary Clinton"]);
    assert_eq!(found[9], ["Bill Clinton"; 2]);
    // Without a president of that name in the run it is like any surname.
    assert_eq!(run(&[hillary, hillary, office])[2], ["Hillary Clinton"; 2]);
    let vice = "Vice President [PER Mike Pence] came. President [PER Pence] left.";
    assert_eq!(document(vice), ["Mike Pence"; 2]);
}

#[test]
fn a_plural_and_its_singular_are_one_group() {
    let found = run(&[
        "[MISC Muslims] met a [MISC Muslim].",
        "[MISC Muslims] met [MISC Swiss].",
        "[ORG Eagles] beat [ORG Eagle].",
    ]);
    assert_eq!(found[0], ["Muslims"; 2]);
    assert_eq!(found[1][1], "Switzerland");
    assert_eq!(found[2], ["Eagles", "Eagle"]);
}

#[test]
fn the_short_form_of_a_body_leads_where_the_body_does() {
    let marked =
        "The [ORG Agriculture Department], [LOC France], [LOC Spain]. [ORG Agriculture] said.";
    let body = "Agriculture Department";
    assert_eq!(document(marked), [body, "France", "Spain", body]);
    assert_eq!(
        document("The [ORG Justice Department] sued. [ORG Justice] won."),
        ["Department of Justice (United States)"; 2]
    );
}

#[test]
fn acronyms_lead_to_their_names() {
    assert_eq!(
        document(
            "The [ORG Mujahedin-e-Khalq Organization] ([ORG MKO]) is banned. The [ORG MKO] said so. \
             The [ORG Kosovo Diaspora Agency] and the [ORG KDA]. The [ORG EU]."
        ),
        [
            "Mujahedin-e-Khalq Organization",
            "Mujahedin-e-Khalq Organization",
            "Mujahedin-e-Khalq Organization",
            "Kosovo Diaspora Agency",
            "Kosovo Diaspora Agency",
            "European Union"
        ]
    );
    let found = run(&[
        "The [ORG Kosovo Diaspora Agency] ([ORG KDA]).",
        "The [ORG KDA] said.",
    ]);
    assert_eq!(found[1], ["Kosovo Diaspora Agency"]);
}

#[test]
fn a_common_body_is_named_with_its_owner() {
    let iran = "Ministry of Foreign Affairs (Iran)";
    let (entities, found) = run_with(
        Aliases::default(),
        &[
            "[LOC Iran]'s [ORG Foreign Ministry] spoke; the [MISC Iranian] [ORG Ministry of Foreign \
             Affairs] and the [ORG Foreign Ministry] too.",
            "The [ORG Albanian Foreign Ministry] and the [ORG Supreme Court of Albania].",
            "[LOC France] and [LOC Spain]: the [ORG Foreign Ministry] said.",
        ],
    );
    let names = |n: usize| {
        found[n]
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(0), ["Iran", iran, "Iran", iran, iran]);
    assert_eq!(
        names(1),
        [
            "Ministry of Foreign Affairs (Albania)",
            "Supreme Court (Albania)"
        ]
    );
    assert_eq!(names(2)[2], "Foreign Ministry");
    assert_eq!(entities.all()[1].country.as_deref(), Some("IRN"));
}

#[test]
fn a_body_without_an_owner_is_the_one_that_most_documents_mean() {
    let alone = "The [ORG Senate] voted in [LOC Washington], he told the [LOC U.S.] press.";
    let mut documents = vec![alone; 9];
    documents.push("The [LOC Texas] [ORG Senate] voted.");
    documents.push("The [ORG Senate] met in [LOC Paris] and [LOC Rome].");
    let found = run(&documents);
    assert_eq!(found[9][1], "Senate (Texas)");
    assert_eq!(found[10][0], "Senate (United States)");
}

#[test]
fn facts_do_not_depend_on_the_order_of_documents() {
    let shouted = "The [LOC CHICAGO] [ORG police] said so.";
    let plain = "The [LOC Chicago] [ORG police] said so.";
    for documents in [[shouted, plain], [plain, shouted]] {
        for found in run(&documents) {
            assert_eq!(found[1], "Police (Chicago)", "{documents:?}");
        }
    }
    // The usual spelling counts, whatever the first was.
    assert_eq!(run(&[plain, shouted, shouted])[0][1], "Police (CHICAGO)");

    let unknown = "The [LOC Georgia] [ORG police] said so.";
    let known = "[LOC Tbilisi] is quiet. The [LOC Georgia] [ORG police] said so.";
    for documents in [[unknown, known], [known, unknown]] {
        let (entities, _) = run_with(Aliases::default(), &documents);
        let mut police = entities.all().iter().filter(|e| e.label == "ORG");
        let country = police.next().and_then(|e| e.country.as_deref());
        assert_eq!(country, Some("GEO"), "{documents:?}");
        assert_eq!(police.next(), None);
    }
}

#[test]
fn organisations_are_called_by_their_first_words() {
    assert_eq!(
        document(
            "[ORG Goldman Sachs Group Inc.] fell. [ORG Goldman] and [ORG Goldman Sachs Group]."
        ),
        ["Goldman Sachs Group"; 3].map(str::to_owned)
    );
}

#[test]
fn the_user_s_aliases_always_win() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("aliases.csv");
    std::fs::write(
        &path,
        "alias,canonical,type,country\nMEK,Mujahedin-e-Khalq Organization,ORG,\nTehran,City of Tehran,LOC,IRN\n\
         Rama,Rama,PER,\n",
    )
    .unwrap();
    let (entities, found) = run_with(
        Aliases::load(&path).unwrap(),
        &["The [LOC MEK] hit back. Ties with [LOC Tehran]. [PER Edi Rama] met [PER Rama]."],
    );
    let names: Vec<_> = found[0].iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Mujahedin-e-Khalq Organization",
            "City of Tehran",
            "Edi Rama",
            "Rama"
        ]
    );
    assert_eq!(entities.all()[0].label, "ORG");
    assert_eq!(entities.all()[1].country.as_deref(), Some("IRN"));
}

#[test]
fn a_rare_type_of_a_name_is_the_model_s_mistake() {
    let org = "[ORG Amnesty] fired.";
    let (entities, _) = run_with(
        Aliases::default(),
        &[org, org, org, org, "[LOC Amnesty] spoke."],
    );
    assert_eq!(entities.all().len(), 1);
    let (entities, _) = run_with(Aliases::default(), &[org, "[LOC Amnesty] spoke."]);
    assert_eq!(entities.all().len(), 2);
}

#[test]
fn of_two_types_of_a_name_the_surer_one_counts() {
    let (text, mut layers) =
        page("[PER Arta Leka] spoke. [ORG Leka] accused a firm. [PER Leka] left.");
    layers.mentions[1].confidence = 0.58;
    let mut names = Names::default();
    names.add(&text, &layers);
    let entities = names.resolve();
    assert_eq!(entities.all().len(), 1);
    assert_eq!(entities.all()[0].name, "Arta Leka");
    layers.mentions[2].confidence = 0.3;
    let mut names = Names::default();
    names.add(&text, &layers);
    assert_eq!(names.resolve().all().len(), 2);
}

#[test]
fn an_unseen_name_has_no_entity() {
    let (entities, _) = run_with(Aliases::default(), &["[LOC Iran] spoke."]);
    let (text, layers) = page("[LOC Iraq] spoke.");
    assert_eq!(entities.of(&text, &layers), None);
}

#[test]
fn memory_grows_with_names_and_not_with_mentions() {
    let (text, layers) = page(
        "[PER Edi Rama] met [LOC Iran]'s [ORG Foreign Ministry]. [PER Rama] left. [PER Bo Cho Jr.] sat.",
    );
    let mut names = Names::default();
    names.add(&text, &layers);
    let size = |names: &Names| {
        let spellings: usize = names.counted.iter().map(|c| c.spellings.len()).sum();
        (
            names.counted.len(),
            names.places.len(),
            spellings,
            names.evidence.size(),
        )
    };
    let once = size(&names);
    for _ in 0..50 {
        names.add(&text, &layers);
    }
    assert_eq!(size(&names), once);
}

/// Parts of documents that bring each other's rules into play.
const PARTS: [&str; 18] = [
    "[PER Edi Rama] spoke. ",
    "[PER Rama] spoke. ",
    "[PER Sali Rama] spoke. ",
    "[PER Edi J. Rama] spoke. ",
    "[LOC Albania] spoke. ",
    "The [MISC Albanian] side. ",
    "[LOC Tirana] said no. ",
    "The [ORG Foreign Ministry] said. ",
    "The [MISC Iranian] [ORG Foreign Ministry] said. ",
    "The [ORG Kosovo Diaspora Agency] ([ORG KDA]). ",
    "The [ORG KDA] said. ",
    "[LOC KDA] said. ",
    "[PER rama] said. ",
    "[PER Christine Ford] left. ",
    "[PER Christine Blasey Ford] left. ",
    "[MISC RAMA] said. ",
    "The [LOC TIRANA] [ORG police] said. ",
    "The [LOC Durres] [ORG police] and the [LOC DURRES] [ORG police]. ",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn entities_do_not_depend_on_the_order_of_documents(
        documents in prop::collection::vec(prop::collection::vec(0..PARTS.len(), 1..5), 1..9),
        seed in any::<u64>(),
    ) {
        let texts: Vec<String> = documents
            .iter()
            .map(|parts| parts.iter().map(|&n| PARTS[n]).collect())
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|n| (*n as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
        let turned: Vec<&str> = order.iter().map(|&n| texts[n]).collect();
        let (first, found) = run_with(Aliases::default(), &texts);
        let (second, found_turned) = run_with(Aliases::default(), &turned);
        for (place, &n) in order.iter().enumerate() {
            prop_assert_eq!(&found[n], &found_turned[place]);
        }
        let sorted = |entities: &Entities| {
            let mut all = entities.all().to_vec();
            all.sort_by(|a, b| a.id.cmp(&b.id));
            all
        };
        prop_assert_eq!(sorted(&first), sorted(&second));
    }
}
