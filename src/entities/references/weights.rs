//! The weights of the models, printed by `scripts/models/pronouns.py` and
//! `scripts/models/references.py`, which fit them to OntoGUM (84 documents, Zeldes 2017) and to news
//! articles of `data/pronouns.jsonl` (60), `data/references.jsonl` (72) and
//! `data/judged_references.jsonl` (89).
//!
//! The thresholds of things and phrases are those at which at least 90% of the links in news are right
//! in cross-validation even by the lower end of an interval (95%, one-sided, over articles), and one
//! step above for phrases, since words that only a newer model would link are not judged.

use super::rank::Model;

pub(super) const PEOPLE_FEATURES: usize = 17;
pub(super) const THING_FEATURES: usize = 22;
pub(super) const PHRASE_FEATURES: usize = 20;

/// `he`, `she`: in cross-validation 92.3% of the links in news are right, and 62.2% of the pronouns
/// of somebody with a name have theirs.
pub(super) const PEOPLE: Model<PEOPLE_FEATURES> = Model {
    probable: 0.8,
    weights: [
        1.40,  // last mentioned in the same sentence
        1.39,  // last mentioned in the sentence before
        0.73,  // nobody is named more often in the document
        0.92,  // known to be spoken of so
        -0.58, // not known to be, and the pronoun is she or her
        0.67,  // his or her, and last mentioned in the same sentence
        0.90,  // he or she, and last mentioned in the same sentence
        0.48,  // the mention is among the first words of its sentence
        -0.53, // the mention is a name after a preposition, with 's, or part of another name
        -0.56, // the mention is a name of several words
        -0.51, // the mention says something
        1.84,  // so does the pronoun, outside quotations
        -2.16, // speaks the quotation in which the pronoun stands
        -1.14, // one of mention and pronoun is in a quotation, the other is not
        -1.33, // somebody without a name comes between, or earlier in the pronoun's sentence
        -0.26, // other candidates that are mentioned later
        0.29,  // always
    ],
};

/// `it`, `its`: 59 of 62 links are right, 29.8% of those annotated or judged have theirs. `They` is
/// never linked by it: at no threshold are more than 63% of its links right.
pub(super) const THINGS: Model<THING_FEATURES> = Model {
    probable: 0.8,
    weights: [
        1.46,  // last mentioned in the same sentence
        0.63,  // last mentioned in the sentence before
        1.05,  // the mention is the subject of a verb behind it
        0.59,  // the mention says something, and so does the pronoun, outside quotations
        2.06,  // the mention is such a pronoun, of the same number
        -1.02, // the mention is such a pronoun, of the other number
        -0.62, // a country
        -0.40, // a place that is no country
        1.34,  // mention and pronoun are among the first words of two sentences
        1.25,  // the pronoun is its
        -0.88, // it is, it would be
        -0.95, // the pronoun is no subject
        0.99,  // the mention is among the first words of the same sentence
        1.63,  // a country, and the pronoun owns what states have
        -0.30, // the mention is a country's adjective
        -0.57, // a person is mentioned in between
        -0.48, // other candidates that are mentioned later
        0.70,  // how often it is named, as logarithm
        -0.26, // nouns without a name that come between
        -0.70, // plurals that come between, if the pronoun is they
        -0.14, // the mention is part of what the noun behind it means
        -3.35, // always
    ],
};

/// `the group`: 207 of 219 links are right, 67.4% of those annotated or judged have theirs.
pub(super) const PHRASES: Model<PHRASE_FEATURES> = Model {
    probable: 0.75,
    weights: [
        1.31,  // last mentioned in the same sentence
        0.75,  // last mentioned in the sentence before
        0.99,  // last mentioned two sentences before
        0.43,  // the mention is the subject of a verb behind it
        0.91,  // the noun has meant it before
        1.60,  // its titles or names hold the noun
        0.95,  // those of no other candidate do
        -1.70, // those of another candidate do, and its own do not
        1.12,  // its name has the very noun
        -0.32, // a place that is no country
        -0.89, // the phrase goes on behind its noun
        -0.38, // the only candidate
        0.64,  // the last mentioned one
        -0.92, // one of mention and phrase is in a quotation, the other is not
        0.69,  // the noun is country or nation
        0.09,  // the noun is president
        -1.02, // the noun is state
        -0.83, // the noun has meant another one before
        1.15,  // how often it is named, as logarithm
        -2.96, // always
    ],
};
