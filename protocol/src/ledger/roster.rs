//! Values that many records share, each kept once under a number.
//!
//! **Invariant:** a number means one value for as long as somebody uses it; what nobody uses is
//! forgotten, for authors may name as many as they like.

use std::collections::BTreeMap;

/// Values and their numbers.
#[derive(Debug)]
pub(super) struct Roster<T> {
    values: Vec<T>,
    numbers: BTreeMap<T, u32>,
    free: Vec<u32>,
}

impl<T> Default for Roster<T> {
    fn default() -> Self {
        Self { values: Vec::new(), numbers: BTreeMap::new(), free: Vec::new() }
    }
}

impl<T: Clone + Ord> Roster<T> {
    /// Returns the number of a value, a new one if it has none.
    pub(super) fn number(&mut self, value: &T) -> u32 {
        if let Some(number) = self.find(value) {
            return number;
        }
        let number = match self.free.pop() {
            Some(number) => {
                self.values[number as usize] = value.clone();
                number
            }
            None => {
                self.values.push(value.clone());
                // A value costs its author a record; four thousand million fit into no memory.
                u32::try_from(self.values.len() - 1).unwrap_or(u32::MAX)
            }
        };
        self.numbers.insert(value.clone(), number);
        number
    }

    pub(super) fn find(&self, value: &T) -> Option<u32> {
        self.numbers.get(value).copied()
    }

    pub(super) fn get(&self, number: u32) -> Option<&T> {
        self.values.get(number as usize)
    }

    /// Says whether a number means anything.
    pub(super) fn has(&self, number: u32) -> bool {
        self.get(number).is_some_and(|value| self.find(value) == Some(number))
    }

    /// Returns how many values have a number.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Forgets the values that nobody uses.
    pub(super) fn sweep(&mut self, is_used: impl Fn(u32, &T) -> bool) {
        let free = &mut self.free;
        self.numbers.retain(|value, number| {
            let keep = is_used(*number, value);
            if !keep {
                free.push(*number);
            }
            keep
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_given_again_only_when_nobody_uses_it() {
        let mut roster = Roster::default();
        let numbers = ["a", "b", "c"].map(|value| roster.number(&value));
        roster.sweep(|number, _| number != numbers[1]);
        assert_eq!((roster.len(), roster.find(&"b")), (2, None));
        assert_eq!(numbers.map(|number| roster.has(number)), [true, false, true]);
        assert_eq!(roster.number(&"c"), numbers[2]);
        assert_eq!(roster.number(&"d"), numbers[1]);
        assert_eq!(roster.get(numbers[1]), Some(&"d"));
    }
}
