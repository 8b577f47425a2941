//! The weights of the models, printed by `scripts/models/pronouns.py` and
//! `scripts/models/references.py`, which fit them to OntoGUM (84 documents, Zeldes 2017) and to news
//! articles of `data/pronouns.jsonl` (60) and `data/references.jsonl` (72).

use super::rank::Model;

pub(super) const PEOPLE_FEATURES: usize = 17;
pub(super) const THING_FEATURES: usize = 21;
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

/// `it`, `they`: all 20 are right, 13.0% have theirs.
pub(super) const THINGS: Model<THING_FEATURES> = Model {
    probable: 0.8,
    weights: [
        1.54,  // last mentioned in the same sentence
        0.77,  // last mentioned in the sentence before
        0.85,  // the mention is the subject of a verb behind it
        0.80,  // the mention says something, and so does the pronoun, outside quotations
        1.90,  // the mention is such a pronoun, of the same number
        -1.23, // the mention is such a pronoun, of the other number
        -0.65, // a country
        -0.42, // a place that is no country
        1.30,  // mention and pronoun are among the first words of two sentences
        1.24,  // the pronoun is its
        -0.84, // it is, it would be
        -1.04, // the pronoun is no subject
        1.12,  // the mention is among the first words of the same sentence
        1.26,  // a country, and the pronoun owns what states have
        -0.37, // the mention is a country's adjective
        -0.53, // a person is mentioned in between
        -0.35, // other candidates that are mentioned later
        0.75,  // how often it is named, as logarithm
        -0.32, // nouns without a name that come between
        -0.59, // plurals that come between, if the pronoun is they
        -3.50, // always
    ],
};

/// `the group`: 95.7% are right, 48.9% have theirs.
pub(super) const PHRASES: Model<PHRASE_FEATURES> = Model {
    probable: 0.7,
    weights: [
        1.15,  // last mentioned in the same sentence
        0.70,  // last mentioned in the sentence before
        0.92,  // last mentioned two sentences before
        0.28,  // the mention is the subject of a verb behind it
        0.72,  // the noun has meant it before
        1.04,  // its titles or names hold the noun
        0.89,  // those of no other candidate do
        -1.35, // those of another candidate do, and its own do not
        1.08,  // its name has the very noun
        -0.47, // a place that is no country
        -1.25, // the phrase goes on behind its noun
        -0.77, // the only candidate
        0.58,  // the last mentioned one
        -0.83, // one of mention and phrase is in a quotation, the other is not
        1.10,  // the noun is country or nation
        0.95,  // the noun is president
        -0.67, // the noun is state
        -0.74, // the noun has meant another one before
        1.01,  // how often it is named, as logarithm
        -2.54, // always
    ],
};
