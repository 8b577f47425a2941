use crate::error::in_words;

/// What the program tells its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All well.
    Ok,
    /// The run could not go on.
    Failed,
    /// Wrong usage.
    Usage,
    /// Finished, and some inputs failed.
    SomeFailed,
}

impl Exit {
    /// The number that the program returns.
    pub fn code(self) -> i32 {
        match self {
            Self::Ok => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::SomeFailed => 3,
        }
    }

    /// The exit code for an error, or `None` when there is nothing to complain about: whoever read
    /// our output has gone (a broken pipe).
    pub fn of_error(error: &anyhow::Error) -> Option<Self> {
        for cause in error.chain() {
            let io = cause.downcast_ref::<std::io::Error>().map(|e| e.kind());
            let json = cause.downcast_ref::<serde_json::Error>();
            let kind = io.or_else(|| json.and_then(|e| e.io_error_kind()));
            if kind == Some(std::io::ErrorKind::BrokenPipe) {
                return None;
            }
        }
        match error.downcast_ref::<crate::Error>() {
            Some(crate::Error::Usage(_)) => Some(Self::Usage),
            _ => Some(Self::Failed),
        }
    }
}

/// An error with its causes in one line, each said once.
pub fn told(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = match cause.downcast_ref::<std::io::Error>() {
            Some(said) => in_words(said),
            None => cause.to_string(),
        };
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let missing = || std::io::Error::from(std::io::ErrorKind::NotFound);
        let error = anyhow::Error::from(crate::Error::io("a.txt", missing()));
        assert_eq!(told(&error).matches("no such file").count(), 1);
        let error = anyhow::Error::from(missing()).context("the model");
        assert!(told(&error).starts_with("the model: no such file"));
    }
}
