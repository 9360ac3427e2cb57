//! Lists that stand as rows of their own (so that the database knows each code), read as one text a holder: of a thousand holders that takes
//! a fraction of what a row for each code does.

use diesel::sql_types::Text;

use super::Coded;
use crate::base::error::{Error, Result};

#[diesel::declare_sql_function]
extern "SQL" {
    /// The values of a group in one text, with something between two.
    #[aggregate]
    fn string_agg(value: Text, between: Text) -> Text;
}

/// Holder and list of a table's lists, of some holders or of all; what is in a list is in no order. [`codes`] reads a list of codes.
///
/// ```ignore
/// let interests: Vec<(StaffId, String)> = lists!(i::table, i::staff_id, i::interest, of).load(tx.db())?;
/// ```
#[macro_export]
macro_rules! lists {
    ($table:expr, $holder:expr, $value:expr, $of:expr) => {{
        let lists = $table.group_by($holder).select(($holder, $crate::base::db::string_agg($value, " "))).into_boxed();
        match $of {
            Some(ids) => $crate::among!(lists, $holder, ids),
            None => lists,
        }
    }};
}

/// The codes of a list, in the order of their vocabulary.
///
/// # Errors
/// `Internal` for a code that the vocabulary lacks.
pub fn codes<C: Coded + Ord>(list: &str) -> Result<Vec<C>> {
    let code = |word: &str| C::parse(word).ok_or_else(|| Error::internal("a stored code is in no vocabulary"));
    let mut codes: Vec<C> = list.split(' ').map(code).collect::<Result<_>>()?;
    codes.sort_unstable();
    Ok(codes)
}
