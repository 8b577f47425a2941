use std::collections::BTreeMap;
use std::fmt;

use super::report::{ClassFigures, Figures, Report};
use crate::annotation::Label;
use crate::text::column_width;

/// A table for people.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows: Vec<(String, &Figures)> = Vec::new();
        if let Some(m) = &self.mentions {
            rows.push(("mentions, strict".into(), &m.strict));
            rows.push(("mentions, partial".into(), &m.partial));
            rows.push(("mentions, type".into(), &m.by_overlap));
            push_classes(&mut rows, &m.by_type);
        }
        if let Some(r) = &self.relations {
            rows.push(("relations".into(), &r.boundaries));
            rows.push(("relations, typed".into(), &r.typed));
            rows.push(("relations, with status".into(), &r.with_status));
            push_classes(&mut rows, &r.by_relation);
        }
        writeln!(
            f,
            "{} documents, {} sentences, {} words\n",
            self.documents, self.sentences, self.tokens
        )?;
        let width = column_width(rows.iter().map(|(name, _)| &**name)) + 2;
        writeln!(
            f,
            "{:<width$}{:>10}{:>10}{:>10}{:>10}   95% interval of F1",
            "", "precision", "recall", "F1", "support"
        )?;
        for (name, figures) in rows {
            write!(f, "{name:<width$}")?;
            if figures.counts.is_empty() {
                writeln!(f, "{:>10}{:>10}{:>10}{:>10}", "-", "-", "-", 0)?;
                continue;
            }
            let [low, high] = figures.ci;
            writeln!(
                f,
                "{:>10.2}{:>10.2}{:>10.2}{:>10}   {low:.2} - {high:.2}",
                figures.precision, figures.recall, figures.f1, figures.counts.gold
            )?;
        }
        if let Some(told) = self.without_support() {
            writeln!(f, "\n{told}")?;
        }
        let calibration = self.relations.as_ref().and_then(|r| r.calibration.as_ref());
        if let Some(calibration) = calibration {
            write!(f, "\nconfidence of relations: {calibration}")?;
        }
        Ok(())
    }
}

/// A row for each class that the samples have.
fn push_classes<'r>(
    rows: &mut Vec<(String, &'r Figures)>,
    classes: &'r BTreeMap<Label, ClassFigures>,
) {
    let classes = classes.iter().filter(|(_, class)| class.support > 0);
    rows.extend(classes.map(|(label, class)| (format!("  {label}"), &class.figures)));
}

impl Report {
    /// Which classes the table leaves out, as no sample has them.
    fn without_support(&self) -> Option<String> {
        let types = self.mentions.iter().flat_map(|m| &m.by_type);
        let relations = self.relations.iter().flat_map(|r| &r.by_relation);
        let names: Vec<String> = types
            .chain(relations)
            .filter(|(_, class)| class.support == 0)
            .map(
                |(label, class)| match class.figures.counts.predicted as usize {
                    0 => label.to_string(),
                    found => format!("{label} (found {found} times)"),
                },
            )
            .collect();
        (!names.is_empty()).then(|| format!("in no sample, and left out: {}", names.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{ClassFigures, Counts, RelationReport};

    #[test]
    fn rows_line_up_and_empty_ones_have_no_figures() {
        let figures = Figures {
            precision: 50.0,
            recall: 100.0,
            f1: 66.67,
            ci: [60.0, 70.5],
            counts: Counts {
                correct: 1.0,
                predicted: 2.0,
                gold: 1.0,
            },
        };
        let class = |figures: &Figures, support| ClassFigures {
            figures: figures.clone(),
            support,
        };
        let relations = RelationReport {
            by_relation: [
                ("accuses".into(), class(&figures, 1)),
                ("hosts".into(), class(&Figures::default(), 0)),
                ("visits".into(), class(&figures, 0)),
            ]
            .into(),
            boundaries: figures,
            ..RelationReport::default()
        };
        let report = Report {
            relations: Some(relations),
            documents: 1,
            ..Report::default()
        };
        let table = report.to_string();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[0], "1 documents, 0 sentences, 0 words");
        let place = |line: &str| line.find("66.67").map(|at| at + 5);
        assert_eq!(place(lines[3]), place(lines[6]));
        assert!(lines[3].ends_with("1   60.00 - 70.50"), "{table}");
        assert!(lines[4].ends_with("-         0"), "{table}");
        assert!(lines[6].starts_with("  accuses"));
        let left_out = "in no sample, and left out: hosts, visits (found 2 times)";
        assert_eq!(lines[7..], ["", left_out]);
    }
}
