//! Maximum matching between two sides, which counts the carriers of a bridge.
//!
//! By Kőnig's theorem its size is that of the smallest set of networks that touches every tie, so
//! it is the fewest networks whose loss cuts the bridge.

use std::collections::VecDeque;

/// A maximum matching between places on the left and on the right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Matching {
    /// By place on the left: whom it is matched with.
    left: Vec<Option<usize>>,
    right: Vec<Option<usize>>,
}

impl Matching {
    /// Finds one by augmenting paths, phase by phase: what a search has seen in vain is not
    /// searched again before the next phase. `ties` has the right ends of every place on the left.
    pub(super) fn new(ties: &[Vec<usize>], rights: usize) -> Self {
        let mut matching = Self { left: vec![None; ties.len()], right: vec![None; rights] };
        loop {
            let mut came = vec![None; rights];
            let mut grown = false;
            for start in 0..ties.len() {
                if matching.left[start].is_none()
                    && let Some(end) = matching.search(ties, start, &mut came)
                {
                    matching.flip(end, &came);
                    grown = true;
                }
            }
            if !grown {
                return matching;
            }
        }
    }

    /// Returns how many pairs are matched.
    pub(super) fn size(&self) -> usize {
        self.left.iter().flatten().count()
    }

    /// Looks for a free place on the right along ties that are not matched and back along those
    /// that are, and notes from where each right place was reached.
    fn search(
        &self,
        ties: &[Vec<usize>],
        start: usize,
        came: &mut [Option<usize>],
    ) -> Option<usize> {
        let mut open = VecDeque::from([start]);
        while let Some(left) = open.pop_front() {
            for right in ties[left].iter().copied() {
                if came[right].is_some() {
                    continue;
                }
                came[right] = Some(left);
                match self.right[right] {
                    None => return Some(right),
                    Some(next) => open.push_back(next),
                }
            }
        }
        None
    }

    /// Matches along the path that ends here, and releases what was matched on it.
    fn flip(&mut self, end: usize, came: &[Option<usize>]) {
        let mut next = Some(end);
        while let Some((right, left)) = next.and_then(|right| Some((right, came[right]?))) {
            next = self.left[left].replace(right);
            self.right[right] = Some(left);
        }
    }

    /// Returns, by place, who on the left and on the right could be left without a partner in some
    /// maximum matching. A new tie adds a carrier exactly when it joins two of these.
    pub(super) fn spare(&self, ties: &[Vec<usize>]) -> (Vec<bool>, Vec<bool>) {
        let mut back = vec![Vec::new(); self.right.len()];
        for (left, rights) in ties.iter().enumerate() {
            for right in rights {
                back[*right].push(left);
            }
        }
        (spare(ties, &self.left, &self.right), spare(&back, &self.right, &self.left))
    }
}

/// Walks from the free places of one side along a tie and back along a matched one.
fn spare(ties: &[Vec<usize>], own: &[Option<usize>], other: &[Option<usize>]) -> Vec<bool> {
    let mut spare: Vec<bool> = own.iter().map(Option::is_none).collect();
    let mut open: Vec<usize> = (0..own.len()).filter(|place| spare[*place]).collect();
    while let Some(place) = open.pop() {
        for partner in ties[place].iter().filter_map(|end| other[*end]) {
            if !std::mem::replace(&mut spare[partner], true) {
                open.push(partner);
            }
        }
    }
    spare
}
