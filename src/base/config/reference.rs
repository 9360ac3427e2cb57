//! The page an operator reads: every setting with its documentation, default and variable, itself a valid configuration file.

use std::fmt;

use super::settings::{Node, Place};

/// Every section and setting there is, in the order of their declaration.
#[derive(Debug, Default)]
pub struct Reference {
    sections: Vec<Section>,
}

#[derive(Debug)]
struct Section {
    place: Place,
    docs: Vec<String>,
    settings: Vec<Setting>,
}

#[derive(Debug)]
struct Setting {
    place: Place,
    docs: Vec<String>,
    default: String,
}

impl Reference {
    /// Of a whole configuration.
    pub fn of<C: Node + Default>() -> Self {
        let mut page = Self::default();
        C::default().describe(&Place::default(), &[], &mut page);
        page
    }

    /// Begins a section.
    pub fn section(&mut self, place: &Place, docs: &[&str]) {
        self.sections.push(Section { place: place.clone(), docs: lines(docs), settings: Vec::new() });
    }

    /// Adds a setting to the section it stands in; `default` is TOML.
    pub fn setting(&mut self, place: &Place, docs: &[&str], default: &str) {
        let parent = place.path().split_last().map_or(&[][..], |(_, parent)| parent);
        // Sections within sections: a setting may follow one, and still belongs above it.
        if let Some(section) = self.sections.iter_mut().find(|s| s.place.path() == parent) {
            section.settings.push(Setting { place: place.clone(), docs: lines(docs), default: default.to_owned() });
        }
    }
}

fn lines(docs: &[&str]) -> Vec<String> {
    // In the sources, names of settings stand in backticks and links in brackets; on this page they stand bare.
    docs.iter().map(|line| line.trim().replace('`', "")).collect()
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for section in &self.sections {
            for line in &section.docs {
                writeln!(f, "{}", format!("# {line}").trim_end())?;
            }
            if !section.settings.is_empty() && !section.place.path().is_empty() {
                writeln!(f, "[{}]", section.place.name())?;
            }
            writeln!(f)?;
            for Setting { place, docs, default } in &section.settings {
                for line in docs {
                    writeln!(f, "{}", format!("# {line}").trim_end())?;
                }
                let span = place.bounds.map(|(low, high)| format!(" ({low} to {high})")).unwrap_or_default();
                writeln!(f, "# {}{span}", place.variable())?;
                let key = place.path().last().copied().unwrap_or_default();
                writeln!(f, "#{key} = {default}\n")?;
            }
        }
        Ok(())
    }
}
