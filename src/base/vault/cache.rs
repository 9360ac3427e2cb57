//! Unwrapped keys in memory: bounded in number and in time, wiped when they leave.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Monotonic};

use super::model::Holder;
use super::seal::DataKey;

/// A key shared by those who use it at the moment; wiped when the last lets go.
pub(super) type Key = Arc<DataKey>;

/// Entries of one half; the cache holds two.
const HALF: usize = 8192;
/// After this long the store is asked again: so long another process may still use a key that was destroyed elsewhere.
const KEPT_FOR: Duration = Duration::from_secs(60);

/// What was forgotten when a look-up missed: what was read before a `forget` is not kept after it.
#[derive(Clone, Copy)]
pub(super) struct Seen(u64);

/// The keys of the holders used last (`None` for a destroyed one: that is final).
///
/// Two halves instead of a list by age: what is used moves to the young half, and when that is full the old half is dropped.
pub(super) struct Cache(Mutex<Halves>);

#[derive(Default)]
struct Halves {
    young: HashMap<Holder, Entry>,
    old: HashMap<Holder, Entry>,
    forgotten: u64,
}

#[derive(Clone)]
struct Entry {
    key: Option<Key>,
    until: Monotonic,
}

impl Cache {
    pub(super) fn new() -> Self {
        Self(Mutex::default())
    }

    /// The holder's key (`None`: destroyed), or a token to [`keep`](Self::keep) it with once it was read.
    pub(super) fn find(&self, holder: Holder, at: Monotonic) -> Result<Option<Key>, Seen> {
        let mut halves = self.lock();
        if let Some(entry) = halves.young.get(&holder)
            && at < entry.until
        {
            return Ok(entry.key.clone());
        }
        match halves.old.remove(&holder) {
            Some(entry) if at < entry.until => {
                halves.put(holder, entry.clone());
                Ok(entry.key)
            }
            _ => Err(Seen(halves.forgotten)),
        }
    }

    /// Keeps what was read from the store, unless something was forgotten since the look-up missed.
    pub(super) fn keep(&self, holder: Holder, key: Option<Key>, seen: Seen, at: Monotonic) {
        let mut halves = self.lock();
        if halves.forgotten == seen.0 {
            halves.put(holder, Entry { key, until: at + KEPT_FOR });
        }
    }

    /// Drops the holder's key.
    pub(super) fn forget(&self, holder: Holder) {
        let mut halves = self.lock();
        halves.forgotten += 1;
        halves.young.remove(&holder);
        halves.old.remove(&holder);
    }

    /// Drops all of them.
    pub(super) fn clear(&self) {
        let mut halves = self.lock();
        *halves = Halves { forgotten: halves.forgotten + 1, ..Halves::default() };
    }

    fn lock(&self) -> MutexGuard<'_, Halves> {
        // Nothing in here can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Halves {
    fn put(&mut self, holder: Holder, entry: Entry) {
        if self.young.len() >= HALF {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(holder, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::IdSource;

    fn kept(cache: &Cache, holder: Holder, at: Monotonic) -> bool {
        cache.find(holder, at).is_ok()
    }

    #[test]
    fn keeps_for_a_minute_and_forgets_on_demand() {
        let (cache, ids, now) = (Cache::new(), IdSource::seeded(1), Monotonic::now());
        let holder = Holder::person(ids.next());
        let seen = cache.find(holder, now).err().unwrap();
        cache.keep(holder, Some(Arc::new(DataKey::make())), seen, now);
        assert!(kept(&cache, holder, now + Duration::from_secs(59)));
        assert!(!kept(&cache, holder, now + Duration::from_secs(60)));
        cache.forget(holder);
        assert!(!kept(&cache, holder, now));
        // A reader that missed before the key was destroyed comes back with it afterwards.
        cache.keep(holder, Some(Arc::new(DataKey::make())), seen, now);
        assert!(!kept(&cache, holder, now));
        let seen = cache.find(holder, now).err().unwrap();
        cache.keep(holder, Some(Arc::new(DataKey::make())), seen, now);
        assert!(kept(&cache, holder, now));
        cache.clear();
        assert!(!kept(&cache, holder, now));
    }

    #[test]
    fn is_bounded_and_drops_what_was_not_used() {
        let (cache, ids, now) = (Cache::new(), IdSource::seeded(1), Monotonic::now());
        let holders: Vec<Holder> = (0..4 * HALF).map(|_| Holder::person(ids.next())).collect();
        for holder in &holders {
            kept(&cache, holders[0], now);
            let Err(seen) = cache.find(*holder, now) else { continue };
            cache.keep(*holder, None, seen, now);
        }
        let (young, old) = {
            let halves = cache.lock();
            (halves.young.len(), halves.old.keys().next().copied())
        };
        assert!((1..=HALF).contains(&young));
        assert!(!kept(&cache, old.unwrap(), now + KEPT_FOR), "the old half grows stale like the young");
        assert!(kept(&cache, holders[0], now), "used all the time");
        assert!(!kept(&cache, holders[1], now), "used once, long ago");
    }
}
