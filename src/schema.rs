//! Every table once, for both engines; the SQL and its reasons are in `migrations/`.

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    journal_cuts (id) {
        id -> Uuid,
        before_at -> Moment,
        made_at -> Moment,
        counted_from -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    journal_calls (id) {
        id -> BigInt,
        at -> Moment,
        request -> Text,
        actor -> Text,
        account_id -> Nullable<Uuid>,
        device_id -> Nullable<Uuid>,
        operation -> Text,
        purpose -> Text,
        subjects_of -> BigInt,
        subjects_hash -> Nullable<Binary>,
    }
}

diesel::table! {
    use crate::base::db::types::Uuid;
    use diesel::sql_types::*;
    journal_subjects (call_id, subject_kind, subject_id) {
        call_id -> BigInt,
        subject_kind -> Text,
        subject_id -> Uuid,
        act -> Text,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    holder_keys (holder_kind, holder_id) {
        holder_kind -> Text,
        holder_id -> Uuid,
        key_id -> Uuid,
        made_at -> Moment,
    }
}

diesel::table! {
    use crate::base::db::types::Moment;
    use diesel::sql_types::*;
    vaults (key_check) {
        key_check -> Binary,
        bound_at -> Moment,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    agencies (id) {
        id -> Uuid,
        name -> Text,
        kind -> Text,
        version -> BigInt,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    accounts (id) {
        id -> Uuid,
        name -> Text,
        password_hash -> Text,
        profile -> Binary,
        language -> Text,
        agency_id -> Nullable<Uuid>,
        disabled_at -> Nullable<Moment>,
        recorded_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    account_roles (id) {
        id -> Uuid,
        account_id -> Uuid,
        role -> Text,
        from_at -> Moment,
        until_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    devices (id) {
        id -> Uuid,
        account_id -> Uuid,
        kind -> Text,
        label -> Text,
        push_target -> Nullable<Binary>,
        signed_in_at -> Moment,
        seen_at -> Moment,
        ends_at -> Moment,
        signed_out_at -> Nullable<Moment>,
        signed_out_why -> Nullable<Text>,
        version -> BigInt,
        push_hash -> Nullable<Binary>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    access_tokens (hash) {
        hash -> Binary,
        device_id -> Uuid,
        expires_at -> Moment,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    refresh_tokens (hash) {
        hash -> Binary,
        device_id -> Uuid,
        made_at -> Moment,
        expires_at -> Moment,
        used_at -> Nullable<Moment>,
        parent_hash -> Nullable<Binary>,
        child_used_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    throttles (key_hash) {
        key_hash -> Binary,
        failures -> Integer,
        first_at -> Moment,
        locked_until -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    relations (id) {
        id -> Uuid,
        account_id -> Uuid,
        kind -> Text,
        subject_kind -> Text,
        subject_id -> Uuid,
        from_at -> Moment,
        until_at -> Nullable<Moment>,
        cause -> Text,
        cause_id -> Nullable<Uuid>,
        role -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    idempotency_keys (account_id, operation, key) {
        account_id -> Uuid,
        operation -> Text,
        key -> Text,
        request_hash -> Binary,
        status -> Integer,
        result_id -> Nullable<Uuid>,
        made_at -> Moment,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    messages (id) {
        id -> Uuid,
        kind -> Text,
        state -> Text,
        recipient_kind -> Text,
        recipient_id -> Uuid,
        device_id -> Nullable<Uuid>,
        channel -> Text,
        subject_kind -> Text,
        subject_id -> Uuid,
        slot -> Text,
        case_id -> Nullable<Uuid>,
        person_id -> Nullable<Uuid>,
        about_at -> Nullable<Moment>,
        language -> Text,
        not_before_at -> Moment,
        not_after_at -> Moment,
        next_try_at -> Nullable<Moment>,
        attempts -> Integer,
        lease_token -> Nullable<Uuid>,
        prepared -> Nullable<Binary>,
        address_hash -> Nullable<Binary>,
        former_address -> Nullable<Binary>,
        reason -> Nullable<Text>,
        reference -> Nullable<Text>,
        planned_at -> Moment,
        settled_at -> Nullable<Moment>,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    nights (on_date) {
        on_date -> Date,
        lease_until -> Moment,
        lease_token -> Uuid,
        done_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    duties (id) {
        id -> Uuid,
        kind -> Text,
        state -> Text,
        subject_kind -> Text,
        subject_id -> Uuid,
        slot -> Text,
        enquiry_id -> Nullable<Uuid>,
        case_id -> Nullable<Uuid>,
        person_id -> Nullable<Uuid>,
        match_id -> Nullable<Uuid>,
        owner_id -> Nullable<Uuid>,
        from_at -> Moment,
        opens_at -> Moment,
        due_at -> Moment,
        closed_at -> Nullable<Moment>,
        closed_recorded_at -> Nullable<Moment>,
        closed_by -> Nullable<Uuid>,
        reason -> Nullable<Text>,
        late_told_at -> Nullable<Moment>,
        recorded_at -> Moment,
        version -> BigInt,
        assigned_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    people (id) {
        id -> Uuid,
        kind -> Text,
        name -> Binary,
        registration -> Nullable<Binary>,
        registration_hash -> Nullable<Binary>,
        contact -> Binary,
        warnings -> Binary,
        born_on -> Nullable<Date>,
        language -> Text,
        protected_address -> Bool,
        recipient_id -> Nullable<Uuid>,
        died_on -> Nullable<Date>,
        recorded_at -> Moment,
        version -> BigInt,
        death_recorded_at -> Nullable<Moment>,
        recipient_chosen_at -> Nullable<Moment>,
        reader_aged_at -> Nullable<Moment>,
        recipient_replaced_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    retracted_deaths (id) {
        id -> Uuid,
        person_id -> Uuid,
        died_on -> Date,
        recorded_at -> Moment,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    custody (id) {
        id -> Uuid,
        child_id -> Uuid,
        holder_id -> Uuid,
        from_on -> Nullable<Date>,
        until_on -> Nullable<Date>,
        recorded_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    staff (id) {
        id -> Uuid,
        account_id -> Nullable<Uuid>,
        name -> Binary,
        mentor -> Bool,
        parent_coach -> Bool,
        coordinator -> Bool,
        supervisor -> Bool,
        municipality -> Text,
        loan_until_on -> Nullable<Date>,
        capacity -> Integer,
        from_on -> Date,
        left_on -> Nullable<Date>,
        recorded_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    staff_accounts (staff_id, account_id) {
        staff_id -> Uuid,
        account_id -> Uuid,
        until_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    staff_languages (staff_id, language) {
        staff_id -> Uuid,
        language -> Text,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    staff_certificates (id) {
        id -> Uuid,
        staff_id -> Uuid,
        kind -> Text,
        issued_on -> Date,
        valid_until_on -> Nullable<Date>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    staff_leaves (id) {
        id -> Uuid,
        staff_id -> Uuid,
        kind -> Text,
        from_on -> Date,
        until_on -> Date,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    staff_hours (staff_id) {
        staff_id -> Uuid,
        zone -> Nullable<Text>,
        stated -> Bool,
        recorded_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::Uuid;
    use diesel::sql_types::*;
    staff_week (staff_id, weekday, from_min) {
        staff_id -> Uuid,
        weekday -> Integer,
        from_min -> Integer,
        until_min -> Integer,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    staff_exceptions (id) {
        id -> Uuid,
        staff_id -> Uuid,
        effect -> Text,
        happens_on -> Date,
        from_min -> Integer,
        until_min -> Integer,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    person_times (person_id) {
        person_id -> Uuid,
        recorded_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::Uuid;
    use diesel::sql_types::*;
    person_parts (person_id, part) {
        person_id -> Uuid,
        part -> Text,
    }
}

diesel::table! {
    use crate::base::db::types::Uuid;
    use diesel::sql_types::*;
    person_week (person_id, wished, weekday, from_min) {
        person_id -> Uuid,
        wished -> Bool,
        weekday -> Integer,
        from_min -> Integer,
        until_min -> Integer,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    enquiries (id) {
        id -> Uuid,
        state -> Text,
        received_at -> Moment,
        recorded_at -> Moment,
        recorded_by -> Nullable<Uuid>,
        channel -> Text,
        source -> Text,
        agency_id -> Nullable<Uuid>,
        urgency -> Text,
        concern -> Binary,
        qualification -> Nullable<Binary>,
        case_kind -> Nullable<Text>,
        target_group -> Nullable<Text>,
        severity -> Nullable<Text>,
        police_statement_at -> Nullable<Moment>,
        responsible_authority -> Nullable<Text>,
        needs_local_effort -> Bool,
        decided_at -> Nullable<Moment>,
        decided_recorded_at -> Nullable<Moment>,
        decided_by -> Nullable<Uuid>,
        case_id -> Nullable<Uuid>,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    reporters (id) {
        id -> Uuid,
        enquiry_id -> Uuid,
        kind -> Text,
        agency_id -> Nullable<Uuid>,
        account_id -> Nullable<Uuid>,
        wants_feedback -> Bool,
        identity -> Nullable<Binary>,
        receipt_at -> Nullable<Moment>,
        receipt_recorded_at -> Nullable<Moment>,
        receipt_by -> Nullable<Uuid>,
        receipt_how -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    enquiry_subjects (id) {
        id -> Uuid,
        enquiry_id -> Uuid,
        person_id -> Nullable<Uuid>,
        description -> Binary,
        born_on -> Nullable<Date>,
        settled_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    partner_requests (id) {
        id -> Uuid,
        enquiry_id -> Uuid,
        source -> Text,
        agency_id -> Nullable<Uuid>,
        asked_at -> Moment,
        legal_basis -> Text,
        answered_at -> Nullable<Moment>,
        has_information -> Nullable<Bool>,
        answer -> Nullable<Binary>,
        recorded_at -> Moment,
        recorded_by -> Uuid,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    police_screens (id) {
        id -> Uuid,
        enquiry_id -> Uuid,
        asked_at -> Moment,
        answered_at -> Nullable<Moment>,
        result -> Nullable<Text>,
        recorded_at -> Moment,
        recorded_by -> Uuid,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    home_visits (id) {
        id -> Uuid,
        enquiry_id -> Nullable<Uuid>,
        case_id -> Nullable<Uuid>,
        decided_at -> Moment,
        visited_at -> Nullable<Moment>,
        outcome -> Nullable<Text>,
        notes -> Nullable<Binary>,
        recorded_at -> Moment,
        recorded_by -> Uuid,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    decisions (id) {
        id -> Uuid,
        kind -> Text,
        enquiry_id -> Nullable<Uuid>,
        case_id -> Nullable<Uuid>,
        decided_at -> Moment,
        decided_by -> Uuid,
        meeting_on -> Nullable<Date>,
        ratified_on -> Nullable<Date>,
        grounds -> Nullable<Binary>,
        recorded_at -> Moment,
        recorded_by -> Uuid,
        version -> BigInt,
        retracted_at -> Nullable<Moment>,
        retracted_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    cases (id) {
        id -> Uuid,
        state -> Text,
        case_kind -> Text,
        target_group -> Text,
        severity -> Text,
        responsible_authority -> Text,
        coordinator_id -> Nullable<Uuid>,
        received_at -> Moment,
        founded_at -> Moment,
        needs_local_effort -> Bool,
        referred_at -> Nullable<Moment>,
        referred_recorded_at -> Nullable<Moment>,
        referred_to -> Nullable<Text>,
        referral_late_reason -> Nullable<Binary>,
        referral_accepted_at -> Nullable<Moment>,
        referral_acceptance -> Nullable<Binary>,
        custody_conflict -> Bool,
        closed_at -> Nullable<Moment>,
        close_reason -> Nullable<Text>,
        recorded_at -> Moment,
        version -> BigInt,
        referral_severity -> Nullable<Text>,
        enquiry_id -> Nullable<Uuid>,
        police_statement_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    case_reopenings (id) {
        id -> Uuid,
        case_id -> Uuid,
        closed_at -> Moment,
        close_reason -> Text,
        reopened_at -> Moment,
        recorded_at -> Moment,
        offer_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    case_people (case_id, person_id) {
        case_id -> Uuid,
        person_id -> Uuid,
        role -> Text,
        joined_at -> Moment,
        left_at -> Nullable<Moment>,
        left_reason -> Nullable<Text>,
        police_took_at -> Nullable<Moment>,
        police_recorded_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    alerts (id) {
        id -> Uuid,
        case_id -> Uuid,
        person_id -> Uuid,
        kind -> Text,
        raised_at -> Moment,
        grounds -> Binary,
        resolved_at -> Nullable<Moment>,
        resolution -> Nullable<Binary>,
        recorded_at -> Moment,
        recorded_by -> Uuid,
        version -> BigInt,
        resolved_recorded_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    offers (id) {
        id -> Uuid,
        case_id -> Uuid,
        person_id -> Uuid,
        track -> Text,
        state -> Text,
        first -> Bool,
        fulfils_duty_id -> Nullable<Uuid>,
        offered_at -> Moment,
        offered_by -> Uuid,
        how -> Text,
        information -> Binary,
        legal_basis -> Text,
        answered_at -> Nullable<Moment>,
        answered_recorded_at -> Nullable<Moment>,
        decline_reason -> Nullable<Text>,
        answer_words -> Nullable<Binary>,
        recorded_at -> Moment,
        recorded_by -> Uuid,
        version -> BigInt,
        answered_by -> Nullable<Uuid>,
        before_death -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    courses (id) {
        id -> Uuid,
        offer_id -> Uuid,
        case_id -> Uuid,
        person_id -> Uuid,
        track -> Text,
        state -> Text,
        accepted_at -> Moment,
        adult_at_acceptance -> Bool,
        started_at -> Nullable<Moment>,
        started_recorded_at -> Nullable<Moment>,
        paused_at -> Nullable<Moment>,
        ended_at -> Nullable<Moment>,
        ended_recorded_at -> Nullable<Moment>,
        closing -> Nullable<Binary>,
        recorded_at -> Moment,
        version -> BigInt,
        before_death -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    consents (id) {
        id -> Uuid,
        offer_id -> Uuid,
        case_id -> Uuid,
        person_id -> Uuid,
        giver_id -> Uuid,
        scope -> Text,
        text_version -> Text,
        given -> Bool,
        adult_basis -> Bool,
        not_needed -> Bool,
        not_needed_basis -> Nullable<Binary>,
        given_at -> Moment,
        withdrawn_at -> Nullable<Moment>,
        withdrawn_recorded_at -> Nullable<Moment>,
        recorded_at -> Moment,
        recorded_by -> Uuid,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    plans (id) {
        id -> Uuid,
        course_id -> Uuid,
        case_id -> Uuid,
        person_id -> Uuid,
        number -> Integer,
        made_at -> Moment,
        review_on -> Date,
        body -> Binary,
        recorded_at -> Moment,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    course_pauses (id) {
        id -> Uuid,
        course_id -> Uuid,
        consent_id -> Nullable<Uuid>,
        paused_at -> Moment,
        grounds -> Nullable<Binary>,
        resumed_at -> Nullable<Moment>,
        basis -> Nullable<Binary>,
        recorded_at -> Moment,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    contact_stops (id) {
        id -> Uuid,
        case_id -> Uuid,
        person_id -> Uuid,
        track -> Text,
        reason -> Text,
        stopped_at -> Moment,
        recorded_at -> Moment,
        recorded_by -> Uuid,
        retracted_at -> Nullable<Moment>,
        retracted_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    retracted_receipts (id) {
        id -> Uuid,
        enquiry_id -> Uuid,
        reporter_id -> Uuid,
        receipt_at -> Moment,
        receipt_how -> Nullable<Text>,
        receipt_recorded_at -> Nullable<Moment>,
        receipt_by -> Nullable<Uuid>,
        recorded_at -> Moment,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    corrections (id) {
        id -> Uuid,
        kind -> Text,
        subject_id -> Uuid,
        holder_id -> Uuid,
        former -> Binary,
        recorded_at -> Moment,
        recorded_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    matches (id) {
        id -> Uuid,
        course_id -> Uuid,
        case_id -> Uuid,
        person_id -> Uuid,
        staff_id -> Uuid,
        track -> Text,
        state -> Text,
        proposed_at -> Moment,
        proposed_by -> Uuid,
        expires_at -> Moment,
        criteria -> Binary,
        staff_answer -> Nullable<Bool>,
        staff_answered_at -> Nullable<Moment>,
        person_answer -> Nullable<Bool>,
        person_answered_at -> Nullable<Moment>,
        first_meeting_at -> Nullable<Moment>,
        starts_at -> Nullable<Moment>,
        starts_recorded_at -> Nullable<Moment>,
        ended_at -> Nullable<Moment>,
        ended_recorded_at -> Nullable<Moment>,
        end_reason -> Nullable<Text>,
        rhythm -> Text,
        weekday -> Nullable<Integer>,
        at_min -> Nullable<Integer>,
        length_min -> Integer,
        place_code -> Nullable<Text>,
        expected_end_on -> Date,
        facilitator_id -> Nullable<Uuid>,
        loan_ends_at -> Nullable<Moment>,
        taken_over_from -> Nullable<Uuid>,
        recorded_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    sessions (id) {
        id -> Uuid,
        match_id -> Uuid,
        course_id -> Uuid,
        case_id -> Uuid,
        person_id -> Uuid,
        staff_id -> Uuid,
        state -> Text,
        starts_at -> Moment,
        ends_at -> Moment,
        timed_at -> Moment,
        agreed_at -> Nullable<Moment>,
        kind -> Text,
        place_code -> Nullable<Text>,
        was_planned -> Bool,
        moved_count -> Integer,
        cancelled_by -> Nullable<Text>,
        cancelled_at -> Nullable<Moment>,
        new_time_agreed -> Nullable<Bool>,
        late_cancellation -> Bool,
        minutes -> Nullable<Integer>,
        recorded_at -> Moment,
        recorded_by -> Uuid,
        version -> BigInt,
        series_id -> Nullable<Uuid>,
        occurs_on -> Nullable<Date>,
        telling -> Nullable<Text>,
        cover_staff_id -> Nullable<Uuid>,
        given_at_min -> Nullable<Integer>,
        given_length_min -> Nullable<Integer>,
        given_kind -> Nullable<Text>,
        given_place_code -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    covers (id) {
        id -> Uuid,
        session_id -> Uuid,
        match_id -> Uuid,
        staff_id -> Uuid,
        account_id -> Nullable<Uuid>,
        state -> Text,
        decided_at -> Moment,
        decided_by -> Uuid,
        ended_at -> Nullable<Moment>,
        ended_by -> Nullable<Uuid>,
        leave_id -> Nullable<Uuid>,
        unseen -> BigInt,
        last_seen -> Nullable<BigInt>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    series (id) {
        id -> Uuid,
        match_id -> Uuid,
        course_id -> Uuid,
        case_id -> Uuid,
        person_id -> Uuid,
        rule -> Text,
        from_on -> Date,
        until_on -> Date,
        at_min -> Integer,
        length_min -> Integer,
        zone -> Text,
        kind -> Text,
        place_code -> Nullable<Text>,
        follows_id -> Nullable<Uuid>,
        ended_at -> Nullable<Moment>,
        end_reason -> Nullable<Text>,
        recorded_at -> Moment,
        recorded_by -> Uuid,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    series_gaps (id) {
        id -> Uuid,
        series_id -> Uuid,
        occurs_on -> Date,
        reason -> Text,
        suggested_at -> Nullable<Moment>,
        state -> Text,
        session_id -> Nullable<Uuid>,
        recorded_at -> Moment,
        settled_at -> Nullable<Moment>,
        proof_until_on -> Nullable<Date>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    calendars (account_id) {
        account_id -> Uuid,
        feed_hash -> Nullable<Binary>,
        feed_made_at -> Nullable<Moment>,
        invitations -> Bool,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    calendar_entries (session_id) {
        session_id -> Uuid,
        account_id -> Nullable<Uuid>,
        sequence -> Integer,
        starts_at -> Moment,
        ends_at -> Moment,
        changed_at -> Moment,
        told -> Integer,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    session_logs (id) {
        id -> Uuid,
        session_id -> Uuid,
        match_id -> Uuid,
        course_id -> Uuid,
        case_id -> Uuid,
        person_id -> Uuid,
        writer_id -> Uuid,
        recorded_by -> Uuid,
        outcome -> Text,
        starts_at -> Moment,
        minutes -> Nullable<Integer>,
        body -> Binary,
        revision -> Integer,
        written_at -> Moment,
        received_at -> Moment,
        late -> Bool,
        clock_ahead -> Bool,
        in_tray -> Bool,
        wants_supervision -> Bool,
        welfare_report -> Bool,
        changed_at -> Moment,
        version -> BigInt,
        held_at -> Nullable<Moment>,
        left_session_id -> Nullable<Uuid>,
        apart_session_id -> Nullable<Uuid>,
        next_waits -> Bool,
        next_planned_at -> Nullable<Moment>,
        tray_account_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    session_log_versions (id) {
        id -> Uuid,
        log_id -> Uuid,
        revision -> Integer,
        outcome -> Text,
        starts_at -> Moment,
        minutes -> Nullable<Integer>,
        body -> Binary,
        recorded_by -> Uuid,
        written_at -> Moment,
        received_at -> Moment,
        person_id -> Nullable<Uuid>,
        wants_supervision -> Nullable<Bool>,
        welfare_report -> Nullable<Bool>,
    }
}

diesel::table! {
    use crate::base::db::types::Uuid;
    use diesel::sql_types::*;
    session_log_numbers (log_id, account_id, revision) {
        log_id -> Uuid,
        account_id -> Uuid,
        revision -> Integer,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    reported_meetings (id) {
        id -> Uuid,
        note_id -> Uuid,
        case_id -> Uuid,
        person_id -> Uuid,
        starts_at -> Moment,
        outcome -> Text,
        cancelled_by -> Nullable<Text>,
        new_time_agreed -> Nullable<Bool>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    session_changes (session_id, version) {
        session_id -> Uuid,
        version -> BigInt,
        kind -> Text,
        by_side -> Nullable<Text>,
        reason -> Nullable<Text>,
        starts_at -> Moment,
        ends_at -> Moment,
        late -> Bool,
        happened_at -> Moment,
        recorded_at -> Moment,
        recorded_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    claims (person, starts_at, session_id) {
        session_id -> Uuid,
        person -> Uuid,
        starts_at -> Moment,
        ends_at -> Moment,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    link_choices (id) {
        id -> Uuid,
        person_id -> Uuid,
        chooser_id -> Uuid,
        wants_links -> Bool,
        happened_at -> Moment,
        recorded_at -> Moment,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    session_links (hash) {
        hash -> Binary,
        message_id -> Uuid,
        session_id -> Uuid,
        recipient_id -> Uuid,
        starts_at -> Moment,
        made_at -> Moment,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    session_answers (id) {
        id -> Uuid,
        session_id -> Uuid,
        case_id -> Uuid,
        person_id -> Uuid,
        recipient_id -> Uuid,
        starts_at -> Moment,
        answer -> Text,
        answered_at -> Moment,
        undone_at -> Nullable<Moment>,
        outcome -> Nullable<Text>,
        settled_at -> Nullable<Moment>,
        settled_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    joint_sessions (id) {
        id -> Uuid,
        case_id -> Uuid,
        grounds -> Nullable<Binary>,
        grounds_at -> Nullable<Moment>,
        grounds_by -> Nullable<Uuid>,
        told_match_id -> Nullable<Uuid>,
        recorded_at -> Moment,
        recorded_by -> Uuid,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::Uuid;
    joint_parts (session_id) {
        session_id -> Uuid,
        joint_id -> Uuid,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    followups (id) {
        id -> Uuid,
        duty_id -> Uuid,
        course_id -> Uuid,
        case_id -> Uuid,
        person_id -> Uuid,
        kind -> Text,
        held_at -> Moment,
        way -> Text,
        at_risk -> Nullable<Text>,
        new_concern -> Bool,
        activity -> Nullable<Text>,
        as_of_on -> Nullable<Date>,
        done_by -> Uuid,
        revision -> Integer,
        recorded_by -> Uuid,
        recorded_at -> Moment,
        changed_at -> Moment,
        version -> BigInt,
        retracted_at -> Nullable<Moment>,
        retracted_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    followup_versions (id) {
        id -> Uuid,
        followup_id -> Uuid,
        revision -> Integer,
        content -> Binary,
        recorded_by -> Uuid,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    contact_notes (id) {
        id -> Uuid,
        case_id -> Uuid,
        match_id -> Nullable<Uuid>,
        kind -> Text,
        outcome -> Text,
        happened_at -> Moment,
        with_staff -> Bool,
        with_person -> Bool,
        done_by -> Uuid,
        recorded_by -> Uuid,
        recorded_at -> Moment,
        step_on -> Nullable<Date>,
        step_owner_id -> Nullable<Uuid>,
        revision -> Integer,
        changed_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    note_people (note_id, person_id) {
        note_id -> Uuid,
        person_id -> Uuid,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    note_versions (id) {
        id -> Uuid,
        note_id -> Uuid,
        revision -> Integer,
        content -> Binary,
        facts -> Nullable<Binary>,
        assessment -> Nullable<Binary>,
        recorded_by -> Uuid,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    staff_profiles (staff_id) {
        staff_id -> Uuid,
        gender -> Nullable<Text>,
        district -> Nullable<Text>,
        travel_limit_km -> Nullable<Integer>,
        prefers -> Binary,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    staff_interests (staff_id, interest) {
        staff_id -> Uuid,
        interest -> Text,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    staff_dislikes (staff_id, dislike) {
        staff_id -> Uuid,
        dislike -> Text,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    staff_values (staff_id, core_value) {
        staff_id -> Uuid,
        core_value -> Text,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    wishes (course_id) {
        course_id -> Uuid,
        person_id -> Uuid,
        gender -> Nullable<Text>,
        district -> Nullable<Text>,
        travel_limit_km -> Nullable<Integer>,
        words -> Binary,
        recorded_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    wish_languages (course_id, language) {
        course_id -> Uuid,
        language -> Text,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    wish_interests (course_id, interest) {
        course_id -> Uuid,
        interest -> Text,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    wish_dislikes (course_id, dislike) {
        course_id -> Uuid,
        dislike -> Text,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    wish_values (course_id, core_value) {
        course_id -> Uuid,
        core_value -> Text,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    match_vetoes (course_id, staff_id) {
        course_id -> Uuid,
        staff_id -> Uuid,
        by_person -> Bool,
        by_staff -> Bool,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    matching_runs (id) {
        id -> Uuid,
        state -> Text,
        created_by -> Uuid,
        recorded_at -> Moment,
        adopted_at -> Nullable<Moment>,
        waiting -> BigInt,
        places -> BigInt,
        matched -> BigInt,
        total -> BigInt,
        weights_version -> BigInt,
        facts_hash -> Binary,
        terms -> Text,
        needs -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    matching_run_lines (run_id, place) {
        run_id -> Uuid,
        place -> Integer,
        course_id -> Uuid,
        case_id -> Uuid,
        person_id -> Uuid,
        waiting_since -> Moment,
        staff_id -> Nullable<Uuid>,
        points -> BigInt,
        claim -> BigInt,
        bonus -> BigInt,
        is_pinned -> Bool,
        same_family -> Bool,
        match_id -> Nullable<Uuid>,
        detail -> Binary,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    match_answers (match_id, by_staff) {
        match_id -> Uuid,
        by_staff -> Bool,
        decline_reason -> Nullable<Text>,
        knows_person -> Nullable<Bool>,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    interest_checks (id) {
        id -> Uuid,
        course_id -> Uuid,
        still_wanted -> Bool,
        asked_at -> Moment,
        words -> Binary,
        recorded_by -> Uuid,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    repair_talks (match_id) {
        match_id -> Uuid,
        outcome -> Text,
        held_at -> Moment,
        words -> Binary,
        recorded_by -> Uuid,
        recorded_at -> Moment,
    }
}

diesel::table! {
    use crate::base::db::types::{Moment, Uuid};
    use diesel::sql_types::*;
    match_end_steps (match_id, step) {
        match_id -> Uuid,
        step -> Text,
    }
}

/// Any two tables may appear in one query.
///
/// Diesel's own macro says so of `ONLY` and `TABLESAMPLE`, too: ten implementations a pair instead of two, and with this many tables comparing
/// them was a large part of every build.
macro_rules! allow_in_one_query {
    ($left:ident, $($right:ident),+ $(,)?) => {
        $(
            impl diesel::query_source::TableNotEqual<$left::table> for $right::table {}
            impl diesel::query_source::TableNotEqual<$right::table> for $left::table {}
        )+
        allow_in_one_query!($($right),+);
    };
    ($last:ident $(,)?) => {};
}

allow_in_one_query!(
    journal_cuts,
    journal_calls,
    journal_subjects,
    holder_keys,
    vaults,
    agencies,
    accounts,
    account_roles,
    devices,
    access_tokens,
    refresh_tokens,
    throttles,
    relations,
    idempotency_keys,
    messages,
    duties,
    people,
    custody,
    staff,
    staff_accounts,
    staff_languages,
    staff_certificates,
    staff_leaves,
    staff_hours,
    staff_week,
    staff_exceptions,
    person_times,
    person_parts,
    person_week,
    enquiries,
    reporters,
    enquiry_subjects,
    partner_requests,
    police_screens,
    home_visits,
    decisions,
    cases,
    case_reopenings,
    case_people,
    alerts,
    offers,
    courses,
    consents,
    plans,
    course_pauses,
    contact_stops,
    corrections,
    retracted_deaths,
    retracted_receipts,
    matches,
    series,
    series_gaps,
    covers,
    sessions,
    session_changes,
    session_logs,
    session_log_versions,
    session_log_numbers,
    calendars,
    calendar_entries,
    reported_meetings,
    claims,
    link_choices,
    session_links,
    session_answers,
    joint_sessions,
    joint_parts,
    followups,
    followup_versions,
    contact_notes,
    note_people,
    note_versions,
    staff_profiles,
    staff_interests,
    staff_dislikes,
    staff_values,
    wishes,
    wish_languages,
    wish_interests,
    wish_dislikes,
    wish_values,
    match_vetoes,
    match_answers,
    interest_checks,
    repair_talks,
    matching_runs,
    matching_run_lines,
);
