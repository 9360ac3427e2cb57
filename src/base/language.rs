//! The two languages people are spoken to in: Danish by default, and English.

use serde::{Deserialize, Serialize};

use super::error::Words;

/// A language of sentences for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Language {
    /// Dansk.
    #[default]
    #[serde(rename = "da")]
    Danish,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// Both, Danish first.
    pub const ALL: [Self; 2] = [Self::Danish, Self::English];

    /// The BCP 47 tag, also the stored form.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Danish => "da",
            Self::English => "en",
        }
    }

    /// The language of a stored tag.
    pub fn of_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// Negotiates over an `Accept-Language` value (RFC 9110 section 12.5.4): the higher weight wins, at equal weight the one named first,
    /// Danish when neither is wanted or the value cannot be read.
    pub fn accepted(header: &str) -> Self {
        let mut best = (0_u16, Self::Danish);
        let mut rest = None;
        let mut refused = Vec::new();
        for (range, weight) in header.split(',').filter_map(weighted) {
            let primary = range.split('-').next().unwrap_or_default();
            match Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag())) {
                Some(language) if weight == 0 => refused.push(language),
                Some(language) if weight > best.0 => best = (weight, language),
                None if range == "*" && weight > 0 => rest = Some(weight),
                _ => {}
            }
        }
        // `*` stands for what is not named: Danish, unless that was refused or named itself.
        match rest {
            Some(weight) if weight > best.0 => Self::ALL.into_iter().find(|language| !refused.contains(language)).unwrap_or(best.1),
            _ => best.1,
        }
    }
}

/// One element of a weighted list, as range and weight in thousandths.
fn weighted(element: &str) -> Option<(&str, u16)> {
    let mut parts = element.split(';').map(str::trim);
    let range = parts.next().filter(|range| !range.is_empty())?;
    match parts.next() {
        None => Some((range, 1000)),
        Some(parameter) => {
            let value = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="))?;
            Some((range, thousandths(value)?))
        }
    }
}

/// `0`, `0.5`, `1.000`: at most three decimals, at most 1 (RFC 9110 section 12.4.2).
fn thousandths(value: &str) -> Option<u16> {
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let fraction: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

impl Words {
    /// The sentence in one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Danish => &self.da,
            Language::English => &self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_negotiated_by_weight() {
        for (header, expected) in [
            ("", Language::Danish),
            ("de", Language::Danish),
            ("en", Language::English),
            ("en-GB,en;q=0.9", Language::English),
            ("EN", Language::English),
            ("da, en;q=0.8", Language::Danish),
            ("en;q=0.8, da", Language::Danish),
            ("en;q=0.9, da;q=0.8", Language::English),
            ("en, da", Language::English),
            ("da, en", Language::Danish),
            ("*", Language::Danish),
            ("da;q=0, *", Language::English),
            ("en;q=0.5, *;q=0.1", Language::English),
            ("en;q=0", Language::Danish),
            ("en;q=1.5", Language::Danish),
            ("en;q=banana, da;q=0.1", Language::Danish),
            ("en;q=0.1234", Language::Danish),
            ("english", Language::Danish),
            (";;;,,q=", Language::Danish),
            ("nb, sv;q=0.9, en;q=0.1", Language::English),
        ] {
            assert_eq!(Language::accepted(header), expected, "{header}");
        }
    }
}
