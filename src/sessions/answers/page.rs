//! The pages: plain HTML without scripts or anything from elsewhere. They hold a day, a time, an answer and fixed words; no address, no
//! name, no place, nothing that tells what the appointment is about.

use std::fmt::Write as _;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::model::{Press, Reply, Shown};
use crate::base::db::Coded as _;
use crate::base::error::{Words, words};
use crate::base::language::Language;
use crate::base::value::Phone;

/// Big buttons, one column, dark where the phone is dark; each pair of colours has a contrast of at least 7 to 1.
const STYLE: &str = ":root{color-scheme:light dark}*{box-sizing:border-box}\
body{margin:0;background:#f5f6f8;color:#14181f;font:1.125rem/1.5 system-ui,sans-serif}\
main{max-width:30rem;margin:0 auto;padding:1.25rem}\
nav{text-align:right}a{color:#0b4a8f}nav a{display:inline-block;padding:.75rem 0}\
h1,h2{margin:.25rem 0;font-size:1.25rem;font-weight:600}\
.when{margin:0 0 1.5rem;font-size:1.625rem;line-height:1.25;font-weight:700;text-wrap:balance}\
.note{margin:0 0 1.25rem;padding:1rem;border-left:.375rem solid #0b4a8f;background:#fff}.note b{display:block}\
button{display:block;width:100%;min-height:3.75rem;margin:0 0 .875rem;padding:.75rem 1rem;border:2px solid #0b4a8f;border-radius:.75rem;\
background:#fff;color:#0b3a70;font:inherit;font-weight:600}\
button.main{background:#0b4a8f;color:#fff}button.undo{border-color:transparent;background:transparent;text-decoration:underline}\
button:focus-visible,a:focus-visible{outline:.25rem solid #b35900;outline-offset:.125rem}\
hr{margin:1.5rem 0;border:0;border-top:1px solid #6b7280}\
@media(prefers-color-scheme:dark){body{background:#14181f;color:#f5f6f8}a{color:#a8d1ff}.note,button{background:#1f2630}\
.note,button{border-color:#a8d1ff}button{color:#d6e9ff}button.main{background:#a8d1ff;color:#0a1a2b}button.undo{background:transparent}}";

/// What a page may load and do: its own style, and post to this site.
pub static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    format!("default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
});

/// The page of one appointment, in the language that is asked for, else in its reader's.
pub fn appointment(shown: &Shown, asked: Option<Language>) -> String {
    let language = asked.unwrap_or(shown.language);
    let say = |words: &Words| words.in_language(language).to_owned();
    let other = match language {
        Language::Danish => Language::English,
        Language::English => Language::Danish,
    };
    let switch = match other {
        Language::Danish => "Dansk",
        Language::English => "English",
    };
    let [danish, english] = &shown.when;
    let when = match language {
        Language::Danish => capitalised(danish),
        Language::English => english.clone(),
    };
    let tag = other.tag();
    let mut main = format!("<nav><a href=\"?l={tag}\" lang=\"{tag}\" hreflang=\"{tag}\">{switch}</a></nav>\n");
    let _ = writeln!(main, "<h1>{}</h1>\n<p class=\"when\">{when}</p>", say(&words("Du har en aftale", "You have an appointment")));
    if let Some(reply) = shown.reply {
        let (noted, more) = noted(reply);
        let until = match (&shown.until, language) {
            (None, _) => say(&words("indtil aftalen begynder", "until the appointment begins")),
            (Some([danish, _]), Language::Danish) => format!("indtil {danish}"),
            (Some([_, english]), Language::English) => format!("until {english}"),
        };
        let _ = writeln!(main, "<p class=\"note\" role=\"status\"><b>{}</b> {} {until}.</p>", say(&noted), say(&more));
    }
    main.push_str("<form method=\"post\">\n");
    for reply in Reply::ALL.iter().filter(|reply| Some(**reply) != shown.reply) {
        let class = if *reply == Reply::Confirm { " class=\"main\"" } else { "" };
        let _ = writeln!(main, "<button{class} name=\"answer\" value=\"{}\">{}</button>", reply.code(), say(&button(*reply)));
    }
    if shown.can_undo {
        let undo = say(&words("Fortryd mit svar", "Undo my answer"));
        let _ = writeln!(main, "<button class=\"undo\" name=\"answer\" value=\"{}\">{undo}</button>", Press::UNDO);
    }
    main.push_str("</form>\n");
    // Both are read from the settings, which hold nothing but a number there.
    if let Some((number, dialled)) = shown.call.as_ref().and_then(|number| Some((number, Phone::parse(number).ok()?))) {
        let call = say(&words("Du kan også ringe:", "You can also call:"));
        let _ = writeln!(main, "<p>{call} <a href=\"tel:{}\">{number}</a></p>", dialled.as_str());
    }
    page(language, &say(&words("Aftale", "Appointment")), &main)
}

const fn button(reply: Reply) -> Words {
    match reply {
        Reply::Confirm => words("Jeg kommer", "I am coming"),
        Reply::Cancel => words("Jeg kan ikke komme", "I cannot come"),
        Reply::AskToMove => words("Jeg ønsker en anden tid", "I would like another time"),
    }
}

/// What was noted, and what follows from it; until when, is said behind it.
const fn noted(reply: Reply) -> (Words, Words) {
    match reply {
        Reply::Confirm => {
            (words("Noteret: Du kommer.", "Noted: you are coming."), words("Du kan ændre dit svar her,", "You can change your answer here"))
        }
        Reply::Cancel => (
            words("Noteret: Du kan ikke komme.", "Noted: you cannot come."),
            words(
                "Vi giver besked videre. Du kan ændre eller fortryde dit svar her,",
                "We pass it on. You can change or undo your answer here",
            ),
        ),
        Reply::AskToMove => (
            words("Noteret: Du ønsker en anden tid.", "Noted: you would like another time."),
            words(
                "Du hører fra os. Aftalen står ved magt, til en ny tid er aftalt. Du kan ændre eller fortryde dit svar her,",
                "You will hear from us. The appointment stands until a new time is agreed. You can change or undo your answer here",
            ),
        ),
    }
}

/// For every link that leads nowhere (any more): the same for all, in both languages.
pub fn gone() -> String {
    twice(
        &words("Linket virker ikke længere", "This link no longer works"),
        &words(
            "Det er udløbet, eller det er ikke kopieret rigtigt. Se, om du har fået en nyere besked.",
            "It has expired or was not copied correctly. Check whether you have received a newer message.",
        ),
    )
}

/// For what cannot be read as an answer.
pub fn unclear() -> String {
    twice(
        &words("Svaret kunne ikke læses", "The answer could not be read"),
        &words("Der er ikke ændret noget. Gå tilbage og prøv igen.", "Nothing was changed. Go back and try again."),
    )
}

/// For what must wait.
pub fn later() -> String {
    twice(&words("Prøv igen om lidt", "Try again in a moment"), &words("Der er ikke ændret noget.", "Nothing was changed."))
}

/// For an answer that failed on our side: whether it was stored is not known, for a commit may have lost its reply.
pub fn unknown() -> String {
    twice(
        &words("Åbn linket igen om lidt", "Open the link again in a moment"),
        &words(
            "Vi ved ikke, om dit svar er noteret. Det kan du se, når du åbner linket igen.",
            "We do not know whether your answer was noted. You can see it when you open the link again.",
        ),
    )
}

fn twice(title: &Words, text: &Words) -> String {
    let main =
        format!("<h1>{}</h1>\n<p>{}</p>\n<hr>\n<div lang=\"en\">\n<h2>{}</h2>\n<p>{}</p>\n</div>\n", title.da, text.da, title.en, text.en);
    page(Language::Danish, "Aftale", &main)
}

fn page(language: Language, title: &str, main: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{main}</main>\n</body>\n</html>\n",
        language.tag()
    )
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::config::{Programme, find_forbidden};

    fn shown(reply: Option<Reply>) -> Shown {
        let when = ["onsdag den 3. juni kl. 16.00".to_owned(), "Wednesday 3 June at 16:00".to_owned()];
        Shown { when, language: Language::Danish, reply, can_undo: reply.is_some(), until: None, call: Some("70 10 10 10".into()) }
    }

    fn all() -> Vec<String> {
        let replies = [None, Some(Reply::Confirm), Some(Reply::Cancel), Some(Reply::AskToMove)];
        let pages = replies.into_iter().flat_map(|reply| Language::ALL.map(|language| appointment(&shown(reply), Some(language))));
        pages.chain([gone(), unclear(), later(), unknown()]).collect()
    }

    #[test]
    fn no_page_says_what_it_is_about_or_loads_anything() {
        for page in all() {
            assert_eq!(find_forbidden(&page, &Programme::default().forbidden_words), None, "{page}");
            for foreign in ["<script", "<img", "<link", "src=", "http", "url(", "@import"] {
                assert!(!page.contains(foreign), "{foreign}: {page}");
            }
            assert_eq!(handlers(&page), Vec::<&str>::new(), "{page}");
        }
        assert_eq!(
            handlers("<p class=\"on x\">on</p><form method=post\nonsubmit='a()' id=\"b\" onclick = \"c\">"),
            ["onsubmit='a()'", "onclick"]
        );
    }

    /// The attributes that would run something: what stands in a tag, outside the quoted values, and begins with `on`.
    fn handlers(page: &str) -> Vec<&str> {
        let tags = page.split('<').skip(1).filter_map(|rest| Some(rest.split_once('>')?.0));
        let names = tags.flat_map(|tag| tag.split('"').step_by(2)).flat_map(str::split_whitespace);
        names.map(|name| name.trim_end_matches('=')).filter(|name| name.starts_with("on")).collect()
    }

    #[test]
    fn a_page_offers_every_answer_but_the_present_one() {
        let page = appointment(&shown(Some(Reply::Cancel)), None);
        let offers = |value: &str| page.contains(&format!("value=\"{value}\""));
        assert!(offers("confirm") && offers("ask_to_move") && offers("undo") && !offers("cancel"), "{page}");
        assert!(page.contains("<html lang=\"da\">") && page.contains("Onsdag den 3. juni kl. 16.00") && page.contains("tel:+4570101010"));
        let page = appointment(&shown(None), Some(Language::English));
        assert!(page.contains("<html lang=\"en\">") && page.contains("Wednesday 3 June at 16:00") && page.contains("?l=da"), "{page}");
        assert!(!page.contains("value=\"undo\"") && !page.contains("role=\"status\""), "{page}");
        assert!(!appointment(&Shown { call: None, ..shown(None) }, None).contains("tel:"));
        // Only a part of it is answered: nothing is noted of the whole, every answer is offered, and that one can be undone.
        let page = appointment(&Shown { can_undo: true, ..shown(None) }, None);
        let offers = |value: &str| page.contains(&format!("value=\"{value}\""));
        assert!(["confirm", "cancel", "ask_to_move", "undo"].into_iter().all(offers) && !page.contains("role=\"status\""), "{page}");
    }

    #[test]
    fn the_policy_names_the_style_by_its_hash() {
        assert!(POLICY.contains("default-src 'none'; style-src 'sha256-") && !POLICY.contains("unsafe"), "{}", *POLICY);
    }
}
