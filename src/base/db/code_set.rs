//! Sets of codes as bits: what is compared a million times is compared in one instruction.

use std::marker::PhantomData;

use super::Coded;

/// A set of values of a closed vocabulary of at most 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeSet<C> {
    bits: u64,
    of: PhantomData<C>,
}

impl<C> Default for CodeSet<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C> CodeSet<C> {
    /// Nothing.
    pub const fn new() -> Self {
        Self { bits: 0, of: PhantomData }
    }
}

impl<C: Coded> CodeSet<C> {
    const FITS: () = assert!(C::ALL.len() <= 64, "a set of codes holds at most 64");

    /// The set of those values of the vocabulary, in its order, whose flag is up.
    pub fn of_flags<const N: usize>(flags: [bool; N]) -> Self {
        const { assert!(N == C::ALL.len(), "a flag for each value") };
        const { Self::FITS };
        let bits = flags.iter().rev().fold(0, |bits, flag| bits << 1 | u64::from(*flag));
        Self { bits, of: PhantomData }
    }

    /// Adds a value.
    pub fn insert(&mut self, value: C) {
        const { Self::FITS };
        let bit = C::ALL.iter().position(|known| *known == value).map_or(0, |place| 1 << place);
        self.bits |= bit;
    }

    /// Whether a value is in it.
    pub fn contains(self, value: C) -> bool {
        self.iter().any(|member| member == value)
    }

    /// Whether nothing is in it.
    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// How many are in it.
    pub const fn len(self) -> u32 {
        self.bits.count_ones()
    }

    /// How many are in both.
    pub const fn in_common(self, other: Self) -> u32 {
        (self.bits & other.bits).count_ones()
    }

    /// The places in the vocabulary of what is in it, in order.
    pub fn places(self) -> impl Iterator<Item = usize> {
        let mut bits = self.bits;
        std::iter::from_fn(move || {
            let place = usize::try_from(bits.trailing_zeros()).ok().filter(|_| bits != 0);
            bits &= bits.wrapping_sub(1);
            place
        })
    }

    /// What is in it, in the order of the vocabulary.
    pub fn iter(self) -> impl Iterator<Item = C> {
        self.places().filter_map(|place| C::ALL.get(place).copied())
    }
}

impl<C: Coded> FromIterator<C> for CodeSet<C> {
    fn from_iter<I: IntoIterator<Item = C>>(values: I) -> Self {
        let mut set = Self::default();
        for value in values {
            set.insert(value);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::coded! {
        /// Colours of a test.
        pub enum Colour {
            /// The first.
            Red = "red" : "Rød" / "Red",
            /// The second.
            Green = "green" : "Grøn" / "Green",
            /// The third.
            Blue = "blue" : "Blå" / "Blue",
        }
    }

    #[test]
    fn a_set_holds_what_was_put_in_once_and_in_order() {
        let set: CodeSet<Colour> = [Colour::Blue, Colour::Red, Colour::Blue].into_iter().collect();
        assert_eq!((set.iter().collect::<Vec<_>>(), set.len()), (vec![Colour::Red, Colour::Blue], 2));
        assert_eq!(set.places().collect::<Vec<_>>(), [0, 2]);
        assert_eq!(set, CodeSet::of_flags([true, false, true]));
        assert!(set.contains(Colour::Blue) && !set.contains(Colour::Green));
        assert_eq!(set.in_common([Colour::Green, Colour::Blue].into_iter().collect()), 1);
        assert!(!set.is_empty() && CodeSet::<Colour>::new().is_empty());
    }
}
