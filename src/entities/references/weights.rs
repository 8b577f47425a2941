//! The weights of the models, printed by `scripts/models/pronouns.py` and
//! `scripts/models/references.py`, which fit them to OntoGUM (84 documents, Zeldes 2017) and to news
//! articles of `data/pronouns.jsonl` (60) and `data/references.jsonl` (72).

use super::rank::Model;

pub(super) const PEOPLE_FEATURES: usize = 17;
pub(super) const THING_FEATURES: usize = 18;
pub(super) const PHRASE_FEATURES: usize = 22;

/// `he`, `she`: in cross-validation 91.9% of the links in news are right, and 58.7% of the pronouns
/// of somebody with a name have theirs.
pub(super) const PEOPLE: Model<PEOPLE_FEATURES> = Model {
    probable: 0.8,
    weights: [
        1.36,  // last mentioned in the same sentence
        1.31,  // last mentioned in the sentence before
        0.67,  // nobody is named more often in the document
        0.95,  // known to be spoken of so
        -0.72, // not known to be, and the pronoun is she or her
        0.66,  // his or her, and last mentioned in the same sentence
        0.88,  // he or she, and last mentioned in the same sentence
        0.50,  // the mention is among the first words of its sentence
        -0.55, // the mention is a name after a preposition, with 's, or part of another name
        -0.59, // the mention is a name of several words
        -0.56, // the mention says something
        1.82,  // so does the pronoun, outside quotations
        -2.18, // speaks the quotation in which the pronoun stands
        -1.13, // one of mention and pronoun is in a quotation, the other is not
        -1.30, // somebody without a name comes between, or earlier in the pronoun's sentence
        -0.31, // other candidates that are mentioned later
        0.38,  // always
    ],
};

/// `it`, `they`: 97.7% are right, 27.9% have theirs.
pub(super) const THINGS: Model<THING_FEATURES> = Model {
    probable: 0.65,
    weights: [
        1.66,  // last mentioned in the same sentence
        0.53,  // last mentioned in the sentence before
        0.87,  // the mention is the subject of a verb behind it
        0.64,  // the mention says something, and so does the pronoun, outside quotations
        1.47,  // the mention is such a pronoun, of the same number
        -0.64, // the mention is such a pronoun, of the other number
        -0.44, // a country
        -0.31, // a place that is no country
        0.87,  // mention and pronoun are among the first words of two sentences
        1.16,  // the pronoun is its
        -0.58, // it is, it would be
        -0.57, // the pronoun is no subject
        0.97,  // the mention is among the first words of the same sentence
        -0.35, // other candidates that are mentioned later
        0.63,  // how often it is named, as logarithm
        -0.33, // nouns without a name that come between
        -0.50, // plurals that come between, if the pronoun is they
        -2.74, // always
    ],
};

/// `the group`: 94.0% are right, 58.1% have theirs.
pub(super) const PHRASES: Model<PHRASE_FEATURES> = Model {
    probable: 0.6,
    weights: [
        0.88,  // last mentioned in the same sentence
        0.38,  // last mentioned in the sentence before
        0.57,  // last mentioned two sentences before
        0.18,  // the mention is a name after a preposition, with 's, or part of another name
        0.31,  // the mention is the subject of a verb behind it
        0.65,  // the noun has meant it before
        1.14,  // its titles or names hold the noun
        0.75,  // those of no other candidate do
        -0.88, // those of another candidate do, and its own do not
        0.69,  // its name has the very noun
        -0.63, // a place that is no country
        -1.18, // the phrase goes on behind its noun
        -0.25, // the only candidate
        0.62,  // the last mentioned one
        -0.36, // one of mention and phrase is in a quotation, the other is not
        0.45,  // the noun is country or nation
        0.54,  // the noun is president
        -0.25, // the noun is state
        -0.66, // the noun has meant another one before
        -0.83, // the noun has a capital
        0.98,  // how often it is named, as logarithm
        -2.02, // always
    ],
};
