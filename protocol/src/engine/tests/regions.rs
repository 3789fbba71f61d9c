//! Regions that are joined and left while the node runs.

use super::*;
use crate::control::{RegionTask, RegionView};

fn london() -> Region {
    "gb-london".parse().unwrap()
}

impl Alice {
    /// Asks for a task, lets it be kept, and returns what was done and what was answered.
    fn does(&mut self, task: RegionTask) -> (Vec<Effect>, Vec<Response>) {
        let mut effects = self.is_asked(Request::Regions(task));
        let keep = effects.iter().find_map(|effect| match effect {
            Effect::Keep { request, .. } => Some(*request),
            _ => None,
        });
        if let Some(request) = keep {
            effects.extend(self.hears(Input::Kept { request, failure: None }));
        }
        let answers = replies(&effects).into_iter().flat_map(|(said, _)| said.to_vec()).collect();
        (effects, answers)
    }

    fn regions(&mut self) -> Vec<RegionView> {
        let (_, answers) = self.does(RegionTask::List);
        let view = |said| match said {
            Response::Region(view) => Some(view),
            _ => None,
        };
        answers.into_iter().filter_map(view).collect()
    }
}

#[test]
fn a_region_is_joined_met_left_and_forgotten() {
    let mut alice = Alice::new();
    let (done, answer) = alice.does(RegionTask::Join { region: london() });
    assert!(done.iter().any(|e| matches!(e, Effect::Join(region) if *region == london())));
    let chosen = |e: &Effect| matches!(e, Effect::Keep { choices, .. } if choices.joined == [london()].into());
    assert!(done.iter().any(chosen) && answer == [Response::Fine], "{done:?}");
    let again = alice.does(RegionTask::Join { region: london() });
    assert!(!again.0.iter().any(|e| matches!(e, Effect::Join(_))), "nothing is left to be done");

    let met = alice.hears(Input::Met { peer: node(200), region: london(), chosen: false });
    assert_eq!(opened(&met), [node(200)]);
    let views = alice.regions();
    let names: Vec<_> = views.iter().map(|v| (v.region.as_str(), v.home, v.peers)).collect();
    assert_eq!(names, [("gb-london", false, 1), ("us-wa", true, 0)]);

    let (done, answer) = alice.does(RegionTask::Leave { region: london() });
    assert_eq!(answer, [Response::Fine]);
    let ends = |e: &Effect| matches!(e, Effect::Close(SessionId(2)));
    let leaves = |e: &Effect| matches!(e, Effect::Leave(region) if *region == london());
    let chosen =
        |e: &Effect| matches!(e, Effect::Keep { choices, .. } if choices.left == [london()].into());
    assert!(
        done.iter().any(ends) && done.iter().any(leaves) && done.iter().any(chosen),
        "{done:?}"
    );
    let refused = alice.hears(Input::Accepted { session: SessionId(1), peer: node(200) });
    assert!(matches!(refused[..], [Effect::Close(SessionId(1))]), "nothing is shared: {refused:?}");
    assert_eq!(alice.regions().len(), 1);
}

#[test]
fn the_home_is_never_left_and_no_node_is_everywhere() {
    let mut alice = Alice::new();
    for region in [region(), london()] {
        let (done, answer) = alice.does(RegionTask::Leave { region });
        assert!(matches!(answer[..], [Response::Failed(Failure::Refused(_))]), "{answer:?}");
        assert!(!done.iter().any(|e| matches!(e, Effect::Leave(_) | Effect::Keep { .. })));
    }
    let join = |n| RegionTask::Join { region: format!("us-r{n}").parse().unwrap() };
    for n in 1..REGIONS_MAX {
        assert_eq!(alice.does(join(n)).1, [Response::Fine]);
    }
    let (_, answer) = alice.does(join(99));
    assert!(matches!(answer[..], [Response::Failed(Failure::Refused(_))]), "{answer:?}");
}

#[test]
fn who_leaves_our_region_is_nobody_here() {
    let mut alice = Alice::new();
    drop(alice.meets(1));
    drop(alice.hears(Input::Left { peer: node(1), region: region() }));
    assert_eq!(alice.regions()[0].peers, 0);
    let refused = alice.hears(Input::Accepted { session: SessionId(1), peer: node(1) });
    assert!(matches!(refused[..], [Effect::Close(SessionId(1))]), "{refused:?}");
}
