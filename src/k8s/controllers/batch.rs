//! Jobs and CronJobs. What a Job runs is not simulated: its pods succeed as soon as they run (a choice).

use serde_json::{Map, Value, json};

use super::super::object::{Meta, uid};
use super::super::store::Members;
use super::pods::{Maker, Pod};
use super::values::*;
use super::{Moment, Turn};
use crate::formats::time::Timestamp;

const MINUTE: i64 = 60_000;
/// How far back a missed time of a schedule is looked for, in minutes.
const MOST_MINUTES: i64 = 366 * 24 * 60;

impl Turn<'_> {
    /// Makes the pods of Jobs, which end at once, and reports.
    pub fn jobs(&mut self) {
        let all = self.all(JOBS);
        for (meta, members) in all {
            self.job(meta, members);
        }
    }

    fn job(&mut self, meta: Meta, mut members: Members) {
        let number = |member: &str| spec_number(&members, member);
        if condition(&members, "Complete") == "True" {
            let limit = number("/ttlSecondsAfterFinished");
            let ended = status(&members, "/completionTime").and_then(Value::as_str);
            if let (Some(limit), Some(Ok(ended)), Moment::After { clock, .. }) =
                (limit, ended.map(Timestamp::parse), self.moment)
                && clock.0 >= ended.0.saturating_add(limit.saturating_mul(1000))
            {
                self.discard(JOBS, &meta.namespace, &meta.name);
            }
            return;
        }
        let nothing = Value::Null;
        let template = spec(&members, "/template").cloned().unwrap_or(nothing);
        let maker = Maker {
            api_version: "batch/v1",
            kind: "Job",
            meta: &meta,
            template: &template,
            root: owner_number(&meta).unwrap_or(meta.uid),
        };
        let completions = number("/completions").or(number("/parallelism")).unwrap_or(1).clamp(0, super::MOST_PODS);
        let at_once = number("/parallelism").unwrap_or(1).clamp(0, super::MOST_PODS);
        let is_suspended = spec(&members, "/suspend") == Some(&Value::Bool(true));
        for pod in self.pods_of(&meta) {
            if pod.phase() == "Running" {
                self.finish(pod);
            }
        }
        let count = |pods: &[Pod], wanted: fn(&Pod) -> bool| {
            i64::try_from(pods.iter().filter(|pod| wanted(pod)).count()).unwrap_or(i64::MAX)
        };
        let is_done = |pod: &Pod| pod.phase() == "Succeeded";
        let pods = self.pods_of(&meta);
        let (done, active) = (count(&pods, is_done), count(&pods, Pod::is_active));
        let own = uid(meta.uid);
        let mut refusal = None;
        if !is_suspended {
            for _ in active..at_once.min(completions - done) {
                refusal = self.refusal(&maker, &format!("{}-", meta.name));
                if refusal.is_some() {
                    break;
                }
                let labels = [
                    ("batch.kubernetes.io/controller-uid", own.as_str()),
                    ("batch.kubernetes.io/job-name", &meta.name),
                    ("controller-uid", &own),
                    ("job-name", &meta.name),
                ];
                self.make_generated(&maker, &labels, "");
            }
        }
        let pods = self.pods_of(&meta);
        let (done, active) = (count(&pods, is_done), count(&pods, Pod::is_active));
        let since = meta.created.kubernetes_text();
        let mut state = Map::new();
        let mut show = |member: &str, value: Value| drop(state.insert(member.to_owned(), value));
        let say = |kind: &str, reason: &str, message: &str| {
            json!({"type": kind, "status": "True", "lastProbeTime": since, "lastTransitionTime": since,
                "reason": reason, "message": message})
        };
        if is_suspended {
            show("conditions", json!([say("Suspended", "JobSuspended", "Job suspended")]));
        } else if done >= completions {
            let text = "Reached expected number of succeeded pods";
            let reached = ["SuccessCriteriaMet", "Complete"].map(|kind| say(kind, "CompletionsReached", text));
            show("completionTime", json!(since));
            show("conditions", json!(reached));
        } else if let Some(message) = &refusal {
            show("conditions", json!([super::apps::failure("FailedCreate", message, &meta)]));
        }
        if !is_suspended {
            show("startTime", json!(since));
        }
        for (member, count) in [("active", active), ("succeeded", done)] {
            if count > 0 {
                show(member, json!(count));
            }
        }
        show("ready", json!(0));
        show("terminating", json!(0));
        show("uncountedTerminatedPods", json!({}));
        members.insert("status".to_owned(), Value::Object(state));
        self.put(JOBS, meta, members);
    }

    /// Ends a pod with success.
    fn finish(&mut self, pod: Pod) {
        let Pod { meta, mut members } = pod;
        let since = status(&members, "/startTime").cloned().unwrap_or_default();
        let Some(state) = members.get_mut("status").and_then(Value::as_object_mut) else { return };
        state.insert("phase".to_owned(), json!("Succeeded"));
        for condition in state.get_mut("conditions").and_then(Value::as_array_mut).into_iter().flatten() {
            let kind = condition.get("type").and_then(Value::as_str).unwrap_or_default();
            let ends = ["Ready", "ContainersReady", "PodReadyToStartContainers"].contains(&kind);
            let is_reason = kind != "PodReadyToStartContainers";
            if let Some(condition) = condition.as_object_mut() {
                if ends {
                    condition.insert("status".to_owned(), json!("False"));
                }
                if is_reason && condition.get("type") != Some(&json!("PodScheduled")) {
                    condition.insert("reason".to_owned(), json!("PodCompleted"));
                }
            }
        }
        for container in state.get_mut("containerStatuses").and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(container) = container.as_object_mut() else { continue };
            container.insert(
                "state".to_owned(),
                json!({"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": since, "finishedAt": since}}),
            );
            container.insert("ready".to_owned(), json!(false));
            container.insert("started".to_owned(), json!(false));
        }
        self.put(PODS, meta, members);
    }

    /// Starts the Jobs whose time has come. Of several missed times the last one counts.
    pub fn cron_jobs(&mut self) {
        let Moment::After { clock, .. } = self.moment else { return };
        let all = self.all(CRON_JOBS);
        for (meta, mut members) in all {
            let last = status(&members, "/lastScheduleTime").and_then(Value::as_str);
            let last = last.and_then(|last| Timestamp::parse(last).ok()).unwrap_or(meta.created);
            let is_suspended = spec(&members, "/suspend") == Some(&Value::Bool(true));
            let due = Schedule::read(spec_text(&members, "/schedule")).filter(|_| !is_suspended);
            let due = due.and_then(|schedule| schedule.latest(last, clock));
            if let Some(due) = due {
                self.start(&meta, &members, due);
                let text = due.kubernetes_text();
                let state = json!({"lastScheduleTime": text, "lastSuccessfulTime": text});
                members.insert("status".to_owned(), state);
            } else if !members.contains_key("status") {
                members.insert("status".to_owned(), json!({}));
            }
            let kept = spec_number(&members, "/successfulJobsHistoryLimit").unwrap_or(3);
            let own = uid(meta.uid);
            let jobs = self.store.of(JOBS).filter(|(job, members)| {
                job.namespace == meta.namespace && is_owned_by(job, &own) && condition(members, "Complete") == "True"
            });
            let mut jobs: Vec<(Timestamp, String)> = jobs.map(|(job, _)| (job.created, job.name.clone())).collect();
            crate::formats::ordered::sort(&mut jobs);
            let beyond = jobs.len().saturating_sub(usize::try_from(kept).unwrap_or_default());
            for (_, name) in jobs.into_iter().take(beyond) {
                self.discard(JOBS, &meta.namespace, &name);
            }
            self.put(CRON_JOBS, meta, members);
        }
    }

    fn start(&mut self, cron: &Meta, members: &Members, due: Timestamp) {
        let name = format!("{}-{}", cron.name, due.0 / MINUTE);
        if self.store.has(JOBS, &cron.namespace, &name) {
            return;
        }
        let template = spec(members, "/jobTemplate").cloned().unwrap_or_default();
        let mut meta = Meta {
            name: name.clone(),
            namespace: cron.namespace.clone(),
            labels: labels_of(&template),
            annotations: strings(template.pointer("/metadata/annotations")),
            uid: made_uid(&[&cron.uid, &name]),
            resource_version: cron.resource_version,
            created: due,
            generation: 1,
            ..Meta::default()
        };
        meta.annotations.insert("batch.kubernetes.io/cronjob-scheduled-timestamp".to_owned(), due.kubernetes_text());
        meta.other.insert("ownerReferences".to_owned(), reference("batch/v1", "CronJob", cron));
        let mut members = Members::new();
        members.insert("spec".to_owned(), template.get("spec").cloned().unwrap_or_else(|| json!({})));
        self.put(JOBS, meta, members);
    }
}

/// The five fields of a schedule, each as the set of its values.
struct Schedule([u64; 5]);

impl Schedule {
    /// Reads `*/5 * * * *`, lists, ranges, steps, names of months and days, and the short forms such as `@daily`.
    fn read(text: &str) -> Option<Self> {
        let text = match text.trim() {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            other => other,
        };
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let bounds = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];
        if fields.len() != bounds.len() {
            return None;
        }
        let mut sets = [0; 5];
        for ((set, field), (low, high)) in sets.iter_mut().zip(fields).zip(bounds) {
            for part in field.split(',') {
                let (range, step) = part.split_once('/').unwrap_or((part, "1"));
                let step: usize = step.parse().ok().filter(|step| *step > 0)?;
                let (from, to) = match range {
                    "*" | "?" => (low, high),
                    _ => match range.split_once('-') {
                        Some((from, to)) => (value(from)?, value(to)?),
                        None if part.contains('/') => (value(range)?, high),
                        None => (value(range)?, value(range)?),
                    },
                };
                if from < low || to > high || from > to {
                    return None;
                }
                for value in (from..=to).step_by(step) {
                    *set |= 1_u64 << value;
                }
            }
        }
        // Sunday is 0 and 7.
        if sets[4] & 1 << 7 != 0 {
            sets[4] |= 1;
        }
        Some(Self(sets))
    }

    /// The last time of the schedule after `last`, up to `now`.
    fn latest(&self, last: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let first = (last.0.div_euclid(MINUTE) + 1).max(now.0.div_euclid(MINUTE) - MOST_MINUTES);
        let minutes = (first..=now.0.div_euclid(MINUTE)).rev();
        minutes.map(|minute| Timestamp(minute * MINUTE)).find(|time| self.has(*time))
    }

    fn has(&self, time: Timestamp) -> bool {
        let text = time.kubernetes_text();
        let number = |from: usize| text.get(from..from + 2).and_then(|part| part.parse::<u64>().ok()).unwrap_or(99);
        // 1970-01-01 was a Thursday.
        let weekday = u64::try_from((time.0.div_euclid(86_400_000) + 4).rem_euclid(7)).unwrap_or_default();
        let [minutes, hours, days, months, weekdays] = self.0;
        let holds = |set: u64, value: u64| value < 64 && set & 1 << value != 0;
        holds(minutes, number(14))
            && holds(hours, number(11))
            && holds(days, number(8))
            && holds(months, number(5))
            && holds(weekdays, weekday)
    }
}

fn value(text: &str) -> Option<usize> {
    const NAMES: [&str; 19] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "sun", "mon", "tue", "wed",
        "thu", "fri", "sat",
    ];
    let name = NAMES.iter().position(|name| name.eq_ignore_ascii_case(text));
    name.map(|at| if at < 12 { at + 1 } else { at - 12 }).or_else(|| text.parse().ok())
}
