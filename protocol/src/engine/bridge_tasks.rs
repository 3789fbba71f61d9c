//! What the operator asks of the bridge.

use super::bridging::item;
use super::{Effect, Engine, RequestId, Seal, Store};
use crate::body::Body;
use crate::body::response::{Reference, Response as Answer, ResponseKind};
use crate::body::role::Power;
use crate::body::text::{List, Tag};
use crate::bridge::{Rule, Speaker};
use crate::control::{BridgeTask, BridgeView, CrossingView, Failure, Refusal, Response};
use crate::fold::role::State;
use crate::id::{NetId, PublicKey, RecordId, ThingId};
use crate::ledger::RoleView;
use crate::record::{Draft, Reach};
use crate::time::Timestamp;

impl Engine {
    /// Does a task, and returns what is listed; none when it was answered, or will be.
    pub(super) fn bridge_task<S: Store>(
        &mut self,
        now: Timestamp,
        request: RequestId,
        task: BridgeTask,
        store: &mut S,
    ) -> Result<Option<Vec<Response>>, S::Error> {
        let done = match task {
            BridgeTask::Lanes => {
                return Ok(Some(self.bridging.machine.lanes().map(Response::Lane).collect()));
            }
            BridgeTask::Test { id } => match self.tested(now, &id, store)? {
                Some(crossings) => return Ok(Some(crossings)),
                None => Err(Failure::NotFound),
            },
            BridgeTask::Waiting { name } => return Ok(Some(self.waiting(now, &name))),
            BridgeTask::Serve { net, role } => match self.serve(now, request, net, role) {
                Ok(true) => Ok(Response::Fine),
                Ok(false) => return Ok(None),
                Err(why) => Err(why),
            },
            BridgeTask::Show => self.bridge_view(now).map(Response::Bridge),
            BridgeTask::Add(rule) => self.add_rule(now, *rule).map(|()| Response::Fine),
            BridgeTask::Remove { name } => self.remove_rule(&name).map(|()| Response::Fine),
            BridgeTask::Pause { name } => {
                let paused = self.bridging.machine.pause(&name);
                self.paused(paused, name, true).map(|()| Response::Fine)
            }
            BridgeTask::Resume { name } => {
                let (machine, ground) = self.bridge();
                let resumed = machine.resume(&name, now, &ground);
                self.paused(resumed, name, false).map(|()| Response::Fine)
            }
        };
        match done {
            // What was chosen is to hold after the next start as well.
            Ok(Response::Fine) => self.keep(request, Response::Fine),
            done => self.say(request, done.unwrap_or_else(Response::Failed))?,
        }
        Ok(None)
    }

    fn key_of_bridge(&self) -> Result<PublicKey, Failure> {
        self.bridging.settings.key.ok_or(Failure::Refused(Refusal::NoBridgeKey))
    }

    fn bridge_view(&self, now: Timestamp) -> Result<BridgeView, Failure> {
        let speaker = self.bridging.machine.speaker();
        let entitled = speaker.map(|speaker| self.ledger.entitlements(&speaker.net));
        let entitled = entitled.into_iter().flatten();
        Ok(BridgeView {
            key: self.key_of_bridge()?,
            speaker,
            until: speaker.and_then(|by| self.ledger.mandate(&by.net, by.role, now)),
            entitled: entitled.map(|((from, into), tie)| (from, into, tie)).collect(),
        })
    }

    fn add_rule(&mut self, now: Timestamp, rule: Rule) -> Result<(), Failure> {
        for region in [&rule.from, &rule.to] {
            if !self.settings.regions.contains(region) {
                let region = region.clone();
                return Err(Failure::Refused(Refusal::NotInRegion { region }));
            }
        }
        let added = self.bridging.machine.add(rule.clone(), now);
        added.map_err(|error| Failure::Refused(Refusal::Rule(error)))?;
        self.bridging.walk(now, rule.from.clone());
        let choices = &mut self.settings.choices.bridge;
        choices.since.insert(rule.name.clone(), now.as_secs());
        choices.rules.push(rule);
        Ok(())
    }

    fn remove_rule(&mut self, name: &Tag) -> Result<(), Failure> {
        if self.bridging.settings.rules.iter().any(|rule| rule.name == *name) {
            return Err(Failure::Refused(Refusal::RuleInSettings));
        }
        if !self.bridging.machine.remove(name) {
            return Err(Failure::NotFound);
        }
        let choices = &mut self.settings.choices.bridge;
        choices.rules.retain(|rule| rule.name != *name);
        choices.since.remove(name);
        choices.paused.remove(name);
        Ok(())
    }

    fn paused(&mut self, found: bool, name: Tag, paused: bool) -> Result<(), Failure> {
        if !found {
            return Err(Failure::NotFound);
        }
        if paused {
            self.settings.choices.bridge.paused.insert(name);
        } else {
            self.settings.choices.bridge.paused.remove(&name);
        }
        Ok(())
    }

    fn waiting(&mut self, now: Timestamp, name: &Tag) -> Vec<Response> {
        let (machine, ground) = self.bridge();
        let held = machine.held(name, now, &ground, BridgeTask::WAITING_MAX).into_iter();
        let view = held.map(|(item, decision)| CrossingView {
            rule: name.clone(),
            thing: item.thing,
            decision,
        });
        view.map(Response::Crossing).collect()
    }

    fn tested<S: Store>(
        &mut self,
        now: Timestamp,
        id: &RecordId,
        store: &mut S,
    ) -> Result<Option<Vec<Response>>, S::Error> {
        let Some(item) = item(id, store)? else { return Ok(None) };
        let (machine, ground) = self.bridge();
        let names: Vec<Tag> = machine.lanes().map(|lane| lane.rule.name).collect();
        let views = names.into_iter().filter_map(|rule| {
            let decision = machine.test(&rule, &item, now, &ground)?;
            Some(Response::Crossing(CrossingView { rule, thing: item.thing, decision }))
        });
        Ok(Some(views.collect()))
    }

    /// Takes on a role; says whether that is done, or waits for a signature.
    fn serve(
        &mut self,
        now: Timestamp,
        request: RequestId,
        net: NetId,
        role: ThingId,
    ) -> Result<bool, Failure> {
        let key = self.key_of_bridge()?;
        let refused = |why| Err(Failure::Refused(why));
        if !self.settings.homes().any(|home| home == net) {
            return refused(Refusal::NotHosted);
        }
        let found = self.ledger.roles(&net, now).into_iter().find(|view| view.thing == role);
        let Some(view) = found else { return Err(Failure::NotFound) };
        if view.body.holder != key {
            return refused(Refusal::OtherHolder);
        }
        if !view.body.powers.contains(&Power::Bridge) {
            return refused(Refusal::NoBridgePower);
        }
        let speaker = Speaker { net, role: Some(role) };
        match view.state {
            State::Accepted { .. } | State::Active { .. } => {
                self.speak(now, speaker);
                Ok(true)
            }
            State::Offered => {
                let Some(draft) = self.acceptance(now, net, &view) else {
                    return Err(Failure::NotFound);
                };
                let seal = Seal::Acceptance(request, speaker);
                self.out.push(Effect::Sign { seal, draft: Box::new(draft) });
                Ok(false)
            }
            State::Expired | State::Resigned { .. } | State::Withdrawn { .. } => {
                refused(Refusal::RoleEnded)
            }
        }
    }

    /// Writes the acceptance of a role, which lasts as long as the role.
    fn acceptance(&self, now: Timestamp, net: NetId, view: &RoleView) -> Option<Draft> {
        let role = self.ledger.summary(&view.version)?;
        let now = Timestamp::from_secs(now.as_secs());
        let body = Body::Response(Answer {
            kind: ResponseKind::Accept,
            to: Reference { thing: view.thing, seen: view.version },
            text: None,
            ask: None,
            amount: None,
            choice: None,
            evidence: List::default(),
            sealed: List::default(),
            minutes: None,
        });
        let home = (role.home?.region, Reach::Movement);
        let draft = Draft::new(body, net, home, (now, role.until.since(now)));
        Some(draft.under(view.thing))
    }
}
