//! The rules of what is told over literal cases.

use super::*;
use crate::base::ids::Id;
use crate::journal::SubjectKind;
use crate::sessions::model::Side;

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// Kind, slot and when it may go.
fn told(session: &Session, previous: Option<&str>) -> Vec<(NoticeKind, &'static str, String)> {
    // Whoever is told of a move knew it a week later.
    let (telling, starts_at) = (session.telling, session.starts_at);
    let known_at = if session.moved_count > 0 { starts_at.plus(TimeDelta::days(7)) } else { starts_at };
    let (heard_at, previous_at) = (Some(session.timed_at), previous.map(at));
    let appointment = Appointment { session, telling, known_at, heard_at, expected_at: starts_at, previous_at, named_at: None };
    let notices = messages_for(&appointment, &Programme::default());
    for notice in &notices {
        let until = if notice.slot == "early" { at("2026-05-30T15:00:00Z") } else { session.starts_at };
        assert!(notice.not_after_at == until && notice.not_before_at < until);
    }
    notices.into_iter().map(|notice| (notice.kind, notice.slot, notice.not_before_at.to_string())).collect()
}

#[test]
fn reminders_and_changes() {
    use NoticeKind::{Cancelled, Changed, Moved, Reminder};
    let day_before = (Reminder, "day_before", "2026-06-02T15:00:00Z");
    let early = (Reminder, "early", "2026-05-29T15:00:00Z");
    let cancelled = |session: &mut Session, when: &str| {
        session.state = State::Cancelled;
        session.cancelled_by = Some(Side::Staff);
        session.cancelled_at = Some(at(when));
    };
    let moved = |session: &mut Session, when: &str| {
        session.moved_count = 1;
        session.timed_at = at(when);
    };
    type Change<'a> = &'a dyn Fn(&mut Session);
    type Case<'a> = (&'a str, Option<&'a str>, Change<'a>, &'a [(NoticeKind, &'a str, &'a str)]);
    #[rustfmt::skip]
    let cases: &[Case<'_>] = &[
        ("weekly: one, the day before at 17", Some("2026-05-27T14:00:00Z"), &|_| {}, &[day_before]),
        ("the first: two", None, &|_| {}, &[early, day_before]),
        ("a gap of 14 days", Some("2026-05-20T14:00:00Z"), &|_| {}, &[early, day_before]),
        ("of 14 days, later in the day", Some("2026-05-20T21:59:59Z"), &|_| {}, &[early, day_before]),
        ("of 13 days", Some("2026-05-20T22:00:00Z"), &|_| {}, &[day_before]),
        ("planned at 16:59 the day before", Some("2026-05-27T14:00:00Z"), &|s| s.timed_at = at("2026-06-02T14:59:00Z"), &[day_before]),
        ("planned at 17:01 the day before: they know", Some("2026-05-27T14:00:00Z"), &|s| s.timed_at = at("2026-06-02T15:01:00Z"), &[]),
        ("the first, planned three days ahead", None, &|s| s.timed_at = at("2026-05-31T08:00:00Z"), &[day_before]),
        ("moved by day: told at once", Some("2026-05-27T14:00:00Z"), &|s| moved(s, "2026-06-01T10:00:00Z"), &[(Moved, "", "2026-06-01T10:00:00Z"), day_before]),
        ("moved at 22:00: told at 8:00", Some("2026-05-27T14:00:00Z"), &|s| moved(s, "2026-06-01T20:00:00Z"), &[(Moved, "", "2026-06-02T06:00:00Z"), day_before]),
        ("moved on the day: no reminder beside it", Some("2026-05-27T14:00:00Z"), &|s| moved(s, "2026-06-03T09:00:00Z"), &[(Moved, "", "2026-06-03T09:00:00Z")]),
        ("moved at 5:00 to 7:00: told in the quiet hours", Some("2026-05-27T14:00:00Z"),
            &|s| { s.starts_at = at("2026-06-03T05:00:00Z"); moved(s, "2026-06-03T03:00:00Z"); }, &[(Moved, "", "2026-06-03T03:00:00Z")]),
        ("cancelled", None, &|s| cancelled(s, "2026-06-01T10:00:00Z"), &[(Cancelled, "", "2026-06-01T10:00:00Z")]),
        ("cancelled at night", None, &|s| cancelled(s, "2026-06-01T20:30:00Z"), &[(Cancelled, "", "2026-06-02T06:00:00Z")]),
        ("cancelled, and never was planned", None, &|s| { cancelled(s, "2026-06-01T10:00:00Z"); s.was_planned = false; }, &[]),
        ("cancelled after it began", None, &|s| cancelled(s, "2026-06-03T14:00:00Z"), &[]),
        ("moved with others, and speaks for them", Some("2026-05-27T14:00:00Z"),
            &|s| { moved(s, "2026-06-01T10:00:00Z"); s.telling = Some(Telling::ForAll); }, &[(Changed, "", "2026-06-01T10:00:00Z"), day_before]),
        ("moved with others, another speaks", Some("2026-05-27T14:00:00Z"),
            &|s| { moved(s, "2026-06-01T10:00:00Z"); s.telling = Some(Telling::ByOther); }, &[day_before]),
        ("another speaks, but no reminder comes any more", Some("2026-05-27T14:00:00Z"),
            &|s| { moved(s, "2026-06-02T16:00:00Z"); s.telling = Some(Telling::ByOther); }, &[(Moved, "", "2026-06-02T16:00:00Z")]),
        ("cancelled with others, and speaks for them", None,
            &|s| { cancelled(s, "2026-06-01T10:00:00Z"); s.telling = Some(Telling::ForAll); }, &[(Changed, "", "2026-06-01T10:00:00Z")]),
        ("cancelled with others, another speaks", None,
            &|s| { cancelled(s, "2026-06-01T10:00:00Z"); s.telling = Some(Telling::ByOther); }, &[]),
        ("held", None, &|s| s.state = State::Held, &[]),
    ];
    for (name, previous, change, expected) in cases {
        let mut session = Session::for_testing();
        change(&mut session);
        let expected: Vec<_> = expected.iter().map(|(kind, slot, when)| (*kind, *slot, (*when).to_owned())).collect();
        assert_eq!(told(&session, *previous), expected, "{name}");
    }
}

#[test]
fn what_is_off_is_off_at_the_time_its_reader_knows() {
    let mut session = Session::for_testing();
    session.state = State::Cancelled;
    session.cancelled_at = Some(at("2026-06-01T20:00:00Z"));
    let (first, second, now) = ("2026-06-02T05:30:00Z", "2026-06-08T14:00:00Z", "2026-06-03T14:00:00Z");
    let step = |from: &str, to: &str, is_heard| Step { from_at: at(from), to_at: at(to), is_heard };
    #[rustfmt::skip]
    let cases: &[(&str, &[Step], &str)] = &[
        ("never moved", &[], now),
        ("they heard of it", &[step(first, now, true)], now),
        ("they did not", &[step(first, now, false)], first),
        ("of the first move they did", &[step(first, second, true), step(second, now, false)], second),
        ("what they knew was past", &[step("2026-06-01T14:00:00Z", now, false)], now),
    ];
    for (name, moves, expected) in cases {
        assert_eq!(known_at(&session, moves), at(expected), "{name}");
    }
    // For all they know it begins at half past seven: told in the night, though it had been moved to the afternoon.
    session.cancelled_at = Some(at("2026-06-02T03:00:00Z"));
    let (known_at, expected_at) = (at(first), at(first));
    let appointment = Appointment { known_at, expected_at, named_at: None, ..Appointment::new(&session, None) };
    let notices = messages_for(&appointment, &Programme::default());
    let windows: Vec<_> = notices.iter().map(|notice| (notice.kind, notice.not_before_at, notice.not_after_at)).collect();
    assert_eq!(windows, [(NoticeKind::Cancelled, at("2026-06-02T03:00:00Z"), at(first))]);
}

#[test]
fn a_move_is_told_before_the_start_that_its_reader_knows() {
    // At 22:00 on Tuesday to 16:00 on Wednesday.
    let mut session = Session { moved_count: 1, timed_at: at("2026-06-02T20:00:00Z"), ..Session::for_testing() };
    let starts_at = session.starts_at;
    let told = |session: &Session, known_at: Instant, expected_at: Instant| {
        let (telling, previous_at) = (session.telling, Some(at("2026-05-27T14:00:00Z")));
        let heard_at = Some(session.timed_at);
        let appointment = Appointment { session, telling, known_at, heard_at, expected_at, previous_at, named_at: None };
        let notices = messages_for(&appointment, &Programme::default());
        notices.iter().map(|notice| (notice.kind, notice.not_before_at, notice.not_after_at)).collect::<Vec<_>>()
    };
    let (early, morning) = (at("2026-06-03T05:30:00Z"), at("2026-06-03T06:00:00Z"));
    assert_eq!(told(&session, early, early), [(NoticeKind::Moved, session.timed_at, starts_at)], "from half past seven: in the night");
    let later = at("2026-06-05T14:00:00Z");
    assert_eq!(told(&session, later, starts_at), [(NoticeKind::Moved, morning, starts_at)]);
    assert!(told(&session, starts_at, starts_at).is_empty(), "there and back before anybody heard");
    session.telling = Some(Telling::ForAll);
    assert_eq!(told(&session, early, early), [(NoticeKind::Changed, session.timed_at, starts_at)]);
}

#[test]
fn what_a_word_for_all_leaves_open_speaks_for_itself() {
    use NoticeKind::{Cancelled, Changed, Moved, Reminder};
    // Changed at six in the evening before; at 17:00 they had been reminded.
    let changed_at = at("2026-06-02T16:00:00Z");
    let planned = Session { timed_at: changed_at, ..Session::for_testing() };
    let off =
        Session { state: State::Cancelled, cancelled_at: Some(changed_at), cancelled_by: Some(Side::Staff), ..Session::for_testing() };
    let (starts_at, earlier, later) = (planned.starts_at, at("2026-06-03T07:00:00Z"), at("2026-06-05T14:00:00Z"));
    let told = |session: &Session, telling, known_at: Instant, named_at: Option<Instant>| {
        let previous_at = Some(at("2026-05-27T14:00:00Z"));
        let told =
            Appointment { telling: Some(telling), known_at, expected_at: known_at, named_at, ..Appointment::new(session, previous_at) };
        messages_for(&told, &Programme::default()).iter().map(|notice| notice.kind).collect::<Vec<_>>()
    };
    assert_eq!(told(&planned, Telling::ForAll, later, Some(earlier)), [Changed, Moved]);
    assert_eq!(told(&planned, Telling::ForAll, starts_at, Some(earlier)), [Changed, Reminder], "it was off, and is not");
    assert_eq!([Some(later), None].map(|named| told(&planned, Telling::ForAll, later, named)), [[Changed], [Changed]]);
    // Another's at its very moment is named as if it were this one.
    let (closed, open) = ([vec![Changed], vec![]], [vec![Changed, Cancelled], vec![Cancelled]]);
    for (named, expected) in [(Some(later), &closed), (None, &closed), (Some(earlier), &open), (Some(starts_at), &open)] {
        let both = [Telling::ForAll, Telling::ByOther].map(|telling| told(&off, telling, starts_at, named));
        assert_eq!(&both, expected, "{named:?}");
    }
    assert_eq!(told(&off, Telling::Nobody, starts_at, Some(earlier)), []);
    // Moved to Friday: the reminder of that comes when they have been there in vain.
    let friday = Session { starts_at: later, ..planned.clone() };
    assert_eq!(told(&friday, Telling::ForAll, starts_at, Some(starts_at)), [Changed, Moved, Reminder]);
    assert_eq!(told(&friday, Telling::ByOther, starts_at, Some(earlier)), [Moved, Reminder]);
    assert_eq!(told(&friday, Telling::ByOther, starts_at, None), [Reminder]);
    assert_eq!(told(&planned, Telling::ForAll, later, Some(starts_at)), [Changed], "it is named itself, earlier than they knew");
    let in_time = Session { cancelled_at: Some(at("2026-06-02T14:00:00Z")), ..off };
    assert_eq!(told(&in_time, Telling::ByOther, starts_at, Some(earlier)), [], "no reminder of it had gone");
}

#[test]
fn across_a_change_of_clocks_it_stays_five_in_the_afternoon() {
    let mut session = Session::for_testing();
    session.starts_at = at("2026-10-26T15:00:00Z");
    assert_eq!(told(&session, Some("2026-10-19T14:00:00Z"))[0].2, "2026-10-25T16:00:00Z");
}

#[test]
fn a_gap_is_counted_in_days_whatever_the_clocks_do() {
    #[rustfmt::skip]
    let cases = [
        // the one before, the session, whether it is reminded of early
        ("2026-03-18T15:00:00Z", "2026-04-01T14:00:00Z", true),
        ("2026-03-18T15:00:00Z", "2026-03-31T21:30:00Z", false),
        ("2026-10-14T14:00:00Z", "2026-10-28T15:00:00Z", true),
        // More than 14 times 24 hours, and 13 days.
        ("2026-10-13T22:15:00Z", "2026-10-27T22:30:00Z", false),
    ];
    for (previous, starts_at, expected) in cases {
        let timed_at = at("2026-03-01T08:00:00Z");
        let session =
            Session { starts_at: at(starts_at), ends_at: at(starts_at).plus(TimeDelta::hours(1)), timed_at, ..Session::for_testing() };
        let session = Session { agreed_at: Some(timed_at), ..session };
        let appointment = Appointment::new(&session, Some(at(previous)));
        let slots: Vec<_> = messages_for(&appointment, &Programme::default()).into_iter().map(|notice| notice.slot).collect();
        assert_eq!(slots.contains(&"early"), expected, "{previous} to {starts_at}: {slots:?}");
    }
}

#[test]
fn whoever_has_not_heard_by_the_reminders_moment_is_told_all_the_same() {
    use NoticeKind::{Moved, Reminder};
    // Its time was set anew at six in the evening before.
    let session = Session { timed_at: at("2026-06-02T16:00:00Z"), ..Session::for_testing() };
    let (starts_at, elsewhere) = (session.starts_at, at("2026-06-05T14:00:00Z"));
    let late = (Reminder, "day_before", at("2026-06-02T15:00:00Z"));
    let moved = (Moved, "", session.timed_at);
    let (on_monday, at_five, at_six) = ("2026-06-01T14:00:00Z", "2026-06-02T15:00:00Z", "2026-06-02T16:00:00Z");
    let previous = Some("2026-05-27T14:00:00Z");
    #[rustfmt::skip]
    let cases = [
        ("they have known it for long: there and back, or off and back", Some(on_monday), starts_at, previous, vec![late]),
        ("since that very moment", Some(at_five), starts_at, previous, vec![late]),
        ("they have just agreed on it", Some(at_six), starts_at, previous, vec![]),
        ("nobody did with them", None, starts_at, previous, vec![late]),
        ("it is the first, and what was to go days ago does not", None, starts_at, None, vec![late]),
        ("it was moved, of which they are told", None, elsewhere, previous, vec![moved]),
        ("whatever they knew before", Some(on_monday), elsewhere, previous, vec![moved]),
    ];
    for (name, heard_at, known_at, previous, expected) in cases {
        let appointment = Appointment { heard_at: heard_at.map(at), known_at, ..Appointment::new(&session, previous.map(at)) };
        let told = messages_for(&appointment, &Programme::default());
        assert_eq!(told.iter().map(|notice| (notice.kind, notice.slot, notice.not_before_at)).collect::<Vec<_>>(), expected, "{name}");
    }
    for (now, is_past) in [(on_monday, false), (at_five, false), (at_six, true)] {
        assert_eq!(is_past_reminding(&session, at(now), &Programme::default()), is_past, "{now}");
    }
}

#[test]
fn somebody_is_told_by_hand_the_day_before() {
    let session = Session::for_testing();
    let until = |since| by_hand_until(session.starts_at, since, &Programme::default());
    assert_eq!(until(session.timed_at), at("2026-06-02T21:59:59.999999Z"));
    assert_eq!(until(at("2026-06-03T08:00:00Z")), session.starts_at);
}

#[test]
fn they_may_come_when_they_think_it_is() {
    let planned = Session::for_testing();
    let off = Session { state: State::Cancelled, ..Session::for_testing() };
    let (earlier, later, now) = ("2026-06-01T14:00:00Z", "2026-06-05T14:00:00Z", "2026-06-03T14:00:00Z");
    #[rustfmt::skip]
    let cases: &[(&str, &Session, &[&str], &str, &str)] = &[
        ("as it is", &planned, &[now], "2026-05-20T08:00:00Z", now),
        ("moved to later, and they do not know", &planned, &[earlier], "2026-05-20T08:00:00Z", earlier),
        ("found when that was past", &planned, &[earlier], "2026-06-02T08:00:00Z", now),
        ("moved to sooner, and they do not know", &planned, &[later], "2026-05-20T08:00:00Z", now),
        ("off at the time they know", &off, &[later], "2026-05-20T08:00:00Z", later),
        ("off at one of two that they may know", &off, &[later, earlier], "2026-05-20T08:00:00Z", earlier),
    ];
    for (name, session, known, since, expected) in cases {
        let known: Vec<Instant> = known.iter().map(|text| at(text)).collect();
        assert_eq!(expected_at(session, &known, at(since)), at(expected), "{name}");
    }
}

#[test]
fn they_come_in_vain_to_a_start_that_they_know_when_another_is_over() {
    let sooner = |state| Session { moved_count: 1, state, ..Session::for_testing() };
    let (own, old, first) = ("2026-06-03T14:00:00Z", "2026-06-10T14:00:00Z", "2026-06-08T14:00:00Z");
    let (before, after, at_old) = ("2026-06-03T13:59:59Z", "2026-06-03T14:00:00Z", old);
    use State::{Cancelled, Held, NoShow, Planned, Proposed, Tried};
    #[rustfmt::skip]
    let cases = [
        ("it is still to come", Planned, [old, old], before, None),
        ("it begins", Planned, [old, old], after, Some(old)),
        ("they heard of it", Planned, [own, own], after, None),
        ("nobody knows whether they did", Planned, [own, old], after, Some(old)),
        ("of which of two is in doubt", Planned, [old, first], after, Some(first)),
        ("the start that they know begins", Planned, [old, old], at_old, None),
        ("moved to later, and the old start is past", Planned, [before, before], after, None),
        ("nobody came, as was to be expected", NoShow, [old, old], after, Some(old)),
        ("nobody was there", Tried, [old, old], after, Some(old)),
        ("they came", Held, [old, old], after, None),
        ("that it is off has words of its own", Cancelled, [old, old], after, None),
        ("nobody knows of it", Proposed, [old, old], after, None),
    ];
    for (name, state, known, now, expected) in cases {
        assert_eq!(in_vain_at(&sooner(state), &known.map(at), at(now)), expected.map(at), "{name}");
    }
}

/// An errand of the boy by hand, in a slot: since when, and how and when it was closed.
fn errand(slot: &str, from: &str, closed: Option<(duties::State, &str)>) -> Duty {
    let session = Session::for_testing();
    let from_at = at(from);
    Duty {
        id: Id::from_uuid(uuid::Uuid::nil()),
        kind: duties::Kind::TellByHand,
        state: closed.map_or(duties::State::Open, |(state, _)| state),
        subject_kind: SubjectKind::Session,
        subject_id: session.id.cast(),
        slot: slot.to_owned(),
        about: duties::About::default(),
        owner: None,
        from_at,
        opens_at: from_at,
        due_at: from_at,
        closed_at: closed.map(|(_, closed)| at(closed)),
        closed_recorded_at: None,
        reason: None,
        late_told_at: None,
        recorded_at: from_at,
        version: 1,
    }
}

/// The same of another session of his.
fn others(errand: Duty) -> Duty {
    Duty { subject_id: Id::from_uuid(uuid::Uuid::max()), ..errand }
}

#[test]
fn whoever_tells_of_the_first_tells_of_all_that_changed_with_it_but_of_what_has_an_errand_of_its_own() {
    use duties::State::{Done, Ended};
    let (changed, later, told, after) = ("2026-06-01T08:00:00Z", "2026-06-01T09:00:00Z", "2026-06-02T08:00:00Z", "2026-06-03T08:00:00Z");
    let first = || others(errand("first all", changed, Some((Done, told))));
    let own = |from, closed| errand("own", from, closed);
    #[rustfmt::skip]
    let cases: &[(&str, Vec<Duty>, Option<&str>)] = &[
        ("nobody tells", vec![], None),
        ("it is still to be told", vec![own(changed, None)], None),
        ("of itself", vec![own(changed, Some((Done, told)))], Some(told)),
        ("of itself, once more", vec![own(changed, Some((Done, told))), errand("own 2", told, Some((Done, after)))], Some(after)),
        ("of itself with all", vec![errand("own all", changed, Some((Done, told)))], Some(told)),
        ("with the first", vec![first()], Some(told)),
        ("the first is still to be told", vec![others(errand("first all", changed, None))], None),
        ("nobody had to tell of the first any more", vec![others(errand("first all", changed, Some((Ended, told))))], None),
        ("it has an errand of its own", vec![first(), own(later, None)], None),
        ("and was told by that", vec![first(), own(later, Some((Done, after)))], Some(after)),
        ("which ended later undone", vec![first(), own(later, Some((Ended, after)))], None),
        ("which had ended by then", vec![first(), own(changed, Some((Ended, later)))], Some(told)),
        ("which came later", vec![first(), own(after, None)], Some(told)),
    ];
    let session = Session::for_testing().id;
    for (name, errands, expected) in cases {
        assert_eq!(told_by_hand_at(session, "own", errands, None), expected.map(at), "{name}");
    }
    // By a moment: the last talk before it, whatever was said after it.
    let both = [own(changed, Some((Done, told))), others(errand("first all", changed, Some((Done, after))))];
    for (until, expected) in [(later, None), (told, Some(told)), ("2026-06-02T09:00:00Z", Some(told)), (after, Some(after))] {
        assert_eq!(told_by_hand_at(session, "own", &both, Some(at(until))), expected.map(at), "{until}");
    }
}

#[test]
fn what_somebody_was_to_tell_them_and_nobody_told_they_have_not_heard() {
    use duties::State::{Done, Ended};
    let (agreed, later, told) = ("2026-06-02T16:00:00Z", "2026-06-02T17:00:00Z", "2026-06-02T18:00:00Z");
    #[rustfmt::skip]
    let cases = [
        ("nobody had to", vec![], Some(agreed)),
        ("it is to be told", vec![errand("", agreed, None)], None),
        ("somebody told", vec![errand("", agreed, Some((Done, told)))], Some(told)),
        ("a message was to", vec![errand("", agreed, Some((Ended, later)))], None),
        ("told once, and to be told again", vec![errand("", agreed, Some((Done, later))), errand("", told, None)], Some(later)),
    ];
    for (name, errands, expected) in cases {
        assert_eq!(heard_at(Some(at(agreed)), at(agreed), &errands), expected.map(at), "{name}");
    }
    // It was known for some time that no message reaches them: in an errand that was asked for then, or anew.
    let (passing, anew) =
        (errand("", later, Some((Ended, told))), Duty { recorded_at: at(agreed), ..errand("", later, Some((Ended, told))) });
    for (name, timed_at, errands, expected) in [
        ("after they had agreed on it", agreed, vec![passing.clone()], Some(agreed)),
        ("and they were told all the same", agreed, vec![passing.clone(), errand("", later, Some((Done, told)))], Some(told)),
        ("from the beginning", agreed, vec![anew], None),
        ("before its start was set anew", told, vec![passing], None),
    ] {
        assert_eq!(heard_at(Some(at(agreed)), at(timed_at), &errands), expected.map(at), "{name}");
    }
    assert_eq!(heard_at(None, at(agreed), &[]), None);
    let start = "2026-06-03T14:00:00Z";
    #[rustfmt::skip]
    let slots = [
        (start.to_owned(), true),
        (format!("{start} {agreed}"), true),
        (for_all(&format!("{start} {agreed}")), true),
        (off_slot(at(agreed)), false),
        ("2026-06-03T14:00:00.5Z".to_owned(), false),
        (format!("cover {start}"), false),
    ];
    for (slot, expected) in slots {
        assert_eq!(is_of_start(&errand(&slot, agreed, None), at(start)), expected, "{slot}");
    }
}

#[test]
fn an_errand_tells_of_all_where_it_says_so() {
    let changed_at = at("2026-06-01T08:00:00Z");
    let time = format!("2026-06-03T14:00:00Z {changed_at}");
    #[rustfmt::skip]
    let cases = [
        (off_slot(changed_at), true),
        (format!("{} 2", off_slot(changed_at)), true),
        (off_slot(at("2026-06-01T09:00:00Z")), false),
        (for_all(&time), true),
        (time, false),
        (for_all("2026-06-03T14:00:00Z"), false),
        (for_all("2026-06-03T14:00:00Z 2026-06-01T09:00:00Z"), false),
    ];
    for (slot, expected) in cases {
        assert_eq!(speaks(&errand(&slot, "2026-06-01T08:00:00Z", None), changed_at), expected, "{slot}");
    }
}
