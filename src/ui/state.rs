//! The one store: everything that the page shows is made from it, and every change is an [`Action`] on it.

use std::cell::RefCell;
use std::rc::Rc;

use yew::prelude::*;

use super::dom;
use crate::engine::answers::fixes::Callers;
use crate::engine::{Caller, Request};
use crate::session::share::Asked;
use crate::session::{Origin, Session, Snapshot, scenario};
use crate::shell::io::{Chunk, Stream};
use crate::shell::render;
use crate::shell::syntax::MAX_SCRIPT_BYTES;
use crate::shell::terminal::{Job, Ran};
use crate::view::acting::{self, Acting, KubectlSetup};
use crate::view::flash::Flash;
use crate::view::history;
use crate::view::mentions::{Mention, mentions};
use crate::view::problems::{Problem, problems};
use crate::view::question::Question;
use crate::view::route::Route;
use crate::view::sharing;

/// How many commands the terminal remembers and shows.
const TRANSCRIPT: usize = 400;
/// How long commands run, in milliseconds, before what they printed is drawn: at first, so that a command answers
/// within a frame, and then, so that a script is not held up by the drawing.
const FRAMES: [f64; 2] = [12.0, 48.0];
/// The preference that keeps whether a script ends with its first failure.
pub const STOPS_ON_ERROR: &str = "stop-on-error";

/// A command of the terminal with what it printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The prompt before it.
    pub prompt: String,
    /// What it did.
    pub ran: Ran,
    /// The links of each piece of output.
    pub links: Vec<Vec<Mention>>,
}

/// The terminal's side of the store.
#[derive(Clone, Default)]
pub struct Terminal {
    /// What was run, oldest first.
    pub blocks: Rc<Vec<Rc<Block>>>,
    /// How many are no longer shown: the number of the first of [`Terminal::blocks`].
    pub dropped: usize,
    /// How often what is running has been drawn.
    pub drawn: usize,
    /// Lines as typed, oldest first.
    pub typed: Rc<Vec<String>>,
    /// What is running.
    pub job: Option<Rc<RefCell<Job>>>,
    /// What runs next.
    pub queue: Vec<String>,
    /// A text to be put into the prompt, with a number that makes each request new.
    pub insert: (u32, String),
    /// Counts steps, so that each one is followed by the next.
    pub steps: u32,
    /// Whether the welcome text is shown.
    pub is_fresh: bool,
    /// Whether a script ends with its first failure.
    pub stops_on_error: bool,
}

/// The store.
#[derive(Clone)]
pub struct App {
    /// World, workstation and log.
    pub session: Rc<Session>,
    /// The page.
    pub route: Route,
    /// The question bar.
    pub question: Question,
    /// The message above the page.
    pub flash: Option<Rc<Flash>>,
    /// Whether the mode dialog is open.
    pub is_mode_dialog_open: bool,
    /// The terminal.
    pub terminal: Terminal,
    /// Whom the tools act as, found once a world.
    tools: Known<Tools>,
    /// What the linter finds, the same way.
    problems: Known<Rc<Vec<Problem>>>,
}

/// Something that is made of a snapshot, kept for the last one that it was asked for.
type Known<T> = Rc<RefCell<Option<(SameNow, T)>>>;

/// What is kept, or else what `make` gives.
fn known<T: Clone>(kept: &Known<T>, now: &Snapshot, make: impl FnOnce() -> T) -> T {
    let now = SameNow(now.clone());
    // Nobody else holds it; if somebody did, it would be made once more.
    if let Some((of, value)) = kept.try_borrow().ok().and_then(|kept| kept.clone())
        && of == now
    {
        return value;
    }
    let value = make();
    if let Ok(mut kept) = kept.try_borrow_mut() {
        *kept = Some((now, value.clone()));
    }
    value
}

/// Whom the tools act as.
#[derive(Clone)]
struct Tools {
    aws: Acting,
    kubectl: KubectlSetup,
}

impl PartialEq for App {
    /// By pointer where a comparison would be long: a change always makes a new value.
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.session, &other.session)
            && self.route == other.route
            && self.question == other.question
            && self.flash == other.flash
            && self.is_mode_dialog_open == other.is_mode_dialog_open
            && self.terminal.steps == other.terminal.steps
            && self.terminal.insert == other.terminal.insert
            && self.terminal.stops_on_error == other.terminal.stops_on_error
            && Rc::ptr_eq(&self.terminal.blocks, &other.terminal.blocks)
            && self.terminal.job.is_some() == other.terminal.job.is_some()
    }
}

/// A snapshot that is compared by pointer: what is made of it is made anew only when it is another one.
#[derive(Clone)]
pub struct SameNow(pub Snapshot);

impl PartialEq for SameNow {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0.world, &other.0.world) && Rc::ptr_eq(&self.0.workstation, &other.0.workstation)
    }
}

/// The store as components have it from the context.
pub type Store = UseReducerHandle<App>;

/// A change.
pub enum Action {
    /// Another page, to which what was done leads.
    Go(Route),
    /// Another page, to which the person goes: messages that pass stay behind.
    Follow(Route),
    /// Another world, from a link or a save, with its history and its question.
    Restore(Box<Session>, Option<Asked>),
    /// Another question.
    Ask(Question),
    /// Calls made by a click, one after the other until one is refused. The text says what they do.
    Call(Caller, Vec<Request>, String),
    /// Calls made by a click, each as whoever its tool acts as: `aws` or `kubectl`. The text says what they do.
    Apply(Vec<Request>, String),
    /// Calls made by a click, each as whom it names. The text says what they do.
    CallEach(Vec<(Caller, Request)>, String),
    /// A command line run by a click, as if typed: it shows in the terminal. The text says what it does.
    Script(String, String),
    /// Takes back so many changes (or, if negative, makes them again).
    Travel(isize),
    /// A message.
    Show(Flash),
    /// No message.
    DismissFlash,
    /// The mode dialog.
    ModeDialog(bool),
    /// Runs a text in the terminal.
    Run(String),
    /// Runs the next commands of what is running, for about a frame.
    Step,
    /// Stops what is running; the text is what stands in the prompt.
    Interrupt(String),
    /// Empties the terminal.
    Clear,
    /// Puts a command into the prompt.
    Insert(String),
    /// Whether a script ends with its first failure.
    StopOnError(bool),
}

impl App {
    /// The store at the start.
    pub fn new(session: Session, route: Route, flash: Option<Flash>) -> Self {
        Self {
            session: Rc::new(session),
            route,
            question: Question::default(),
            flash: flash.map(Rc::new),
            is_mode_dialog_open: false,
            terminal: Terminal {
                is_fresh: true,
                stops_on_error: dom::preference(STOPS_ON_ERROR).and_then(|kept| kept.as_bool()).unwrap_or_default(),
                ..Terminal::default()
            },
            tools: Rc::default(),
            problems: Rc::default(),
        }
    }

    /// The store with the walkthrough's world.
    pub fn walkthrough() -> Self {
        Self::new(Session::new(scenario::walkthrough()), Route::default(), None)
    }

    /// The present state of world and workstation.
    pub fn now(&self) -> &Snapshot {
        self.session.now()
    }

    /// Whom the tools act as. Reading their files takes its time, and every part of the page asks.
    fn tools(&self) -> Tools {
        known(&self.tools, self.now(), || Tools { aws: acting::aws(self.now()), kubectl: acting::kubectl(self.now()) })
    }

    /// What the linter finds about the cluster.
    pub fn problems(&self) -> Rc<Vec<Problem>> {
        known(&self.problems, self.now(), || {
            let world = self.session.world();
            let cluster = self.cluster_name().and_then(|name| world.cluster(&name));
            Rc::new(cluster.map(|cluster| problems(world, cluster)).unwrap_or_default())
        })
    }

    /// Whom kubectl is set up for.
    pub fn kubectl(&self) -> KubectlSetup {
        self.tools().kubectl
    }

    /// Whom `aws` acts as.
    pub fn aws(&self) -> Acting {
        self.tools().aws
    }

    /// Who clicks on AWS pages: whoever the CLI acts as, or the account's first user if that is nobody.
    pub fn aws_caller(&self) -> Caller {
        let acting = self.aws();
        let first = self.session.world().users.first();
        match (&acting.arn, first) {
            (None, Some(user)) => Caller::new(crate::engine::Credential::AccessKey(user.access_key.clone())),
            _ => acting.caller,
        }
    }

    /// The name of the cluster that the page shows: kubectl's, else the first.
    pub fn cluster_name(&self) -> Option<String> {
        self.kubectl().cluster.or_else(|| self.session.world().clusters.first().map(|cluster| cluster.name.clone()))
    }

    /// What the calls would end with, without making them: the refusal, and the place of the refused call.
    pub fn trial(&self, caller: &Caller, requests: &[Request]) -> Result<(), (usize, crate::engine::ApiError)> {
        let mut session = (*self.session).clone();
        for (index, request) in requests.iter().enumerate() {
            session.call(caller, request.clone()).map_err(|error| (index, error))?;
        }
        Ok(())
    }

    /// The prompt: profile and directory.
    pub fn prompt(&self) -> String {
        let workstation = self.session.workstation();
        let cwd = match workstation.cwd.strip_prefix(&workstation.home) {
            Some(rest) => format!("~{rest}"),
            None => workstation.cwd.clone(),
        };
        format!("{} {cwd}", self.aws().profile)
    }

    /// Who makes the calls of a page: whoever `aws` and `kubectl` act as.
    pub fn callers(&self) -> Callers {
        Callers { aws: self.aws_caller(), kubectl: self.kubectl().acting.caller }
    }

    fn call(mut self, calls: Vec<(Caller, Request)>, title: String) -> Self {
        let lines: Vec<String> = calls.iter().map(|(_, request)| render::command(request)).collect();
        let session = Rc::make_mut(&mut self.session);
        session.begin(Origin::Console, Some(lines.join("\n")));
        let mut refused = None;
        for ((caller, request), line) in calls.into_iter().zip(&lines) {
            if let Err(error) = session.call(&caller, request) {
                refused = Some((error, line.clone()));
                break;
            }
        }
        session.end();
        self.flash = Some(Rc::new(match refused {
            None => Flash::done(title, lines.join("\n")),
            Some((error, line)) => Flash::refused(&error, line),
        }));
        self
    }

    /// Runs a line to its end, shows it in the terminal and says how it ended.
    fn script(mut self, line: String, title: String) -> Self {
        let mut job = Job::click(line.clone());
        let mut failed = None;
        loop {
            let prompt = self.prompt();
            let Some(ran) = job.step(Rc::make_mut(&mut self.session)) else { break };
            if ran.exit != 0 {
                failed = Some(ran.chunks.iter().map(|chunk| chunk.text.as_str()).collect::<String>());
            }
            self.push(prompt, ran);
        }
        let flash = match failed {
            None => Flash::done(title, line),
            Some(printed) => Flash { command: Some(line), ..Flash::error("The command failed", printed.trim()) },
        };
        self.flash = Some(Rc::new(flash));
        self
    }

    fn travel(mut self, steps: isize) -> Self {
        let session = Rc::make_mut(&mut self.session);
        let mut last = None;
        let mut done: usize = 0;
        for _ in 0..steps.unsigned_abs() {
            let entry = if steps > 0 { session.undo() } else { session.redo() };
            let Some(entry) = entry else { break };
            done += 1;
            last = Some(entry);
        }
        let verb = if steps > 0 { "Undid" } else { "Redid" };
        self.flash = last.map(|entry| {
            let title = if done == 1 { format!("{verb} one change") } else { format!("{verb} {done} changes") };
            Rc::new(Flash::note(title, history::heading(&entry)))
        });
        self
    }

    fn start_next(&mut self) {
        if self.terminal.job.is_none() && !self.terminal.queue.is_empty() {
            let text = self.terminal.queue.remove(0);
            self.terminal.job =
                Some(Rc::new(RefCell::new(Job::new(text).stopping_on_error(self.terminal.stops_on_error))));
            self.terminal.drawn = 0;
            self.terminal.steps = self.terminal.steps.wrapping_add(1);
        }
    }

    fn run(mut self, text: String) -> Self {
        if !text.trim().is_empty() && text.len() <= MAX_SCRIPT_BYTES && self.terminal.typed.last() != Some(&text) {
            Rc::make_mut(&mut self.terminal.typed).push(text.clone());
        }
        if text.trim().is_empty() {
            return self.print(blank(String::new(), 0));
        }
        if text.len() > MAX_SCRIPT_BYTES {
            return self.print(too_long(&text));
        }
        self.terminal.queue.push(text);
        self.start_next();
        self
    }

    fn print(mut self, ran: Ran) -> Self {
        let prompt = self.prompt();
        self.push(prompt, ran);
        self
    }

    /// The names in what a command printed that have a page.
    fn links(&self, ran: &Ran) -> Vec<Vec<Mention>> {
        let name = self.cluster_name().filter(|_| !ran.chunks.is_empty());
        let Some(cluster) = name.and_then(|name| self.session.world().cluster(&name)) else { return Vec::new() };
        let calls = self.session.log().last().map(|entry| entry.calls.as_slice()).unwrap_or_default();
        ran.chunks.iter().map(|chunk| mentions(cluster, calls, &chunk.text)).collect()
    }

    fn push(&mut self, prompt: String, ran: Ran) {
        let links = self.links(&ran);
        let blocks = Rc::make_mut(&mut self.terminal.blocks);
        // The commands of one line print below one prompt.
        match blocks.last_mut().filter(|_| ran.line.is_none()).map(Rc::make_mut) {
            Some(block) => {
                block.links.resize(block.ran.chunks.len(), Vec::new());
                block.links.extend(links);
                block.ran.chunks.extend(ran.chunks);
                block.ran.hints.extend(ran.hints);
                block.ran.exit = ran.exit;
            }
            None => blocks.push(Rc::new(Block { prompt, ran, links })),
        }
        let surplus = blocks.len().saturating_sub(TRANSCRIPT);
        blocks.drain(..surplus);
        self.terminal.dropped += surplus;
        self.terminal.steps = self.terminal.steps.wrapping_add(1);
    }

    /// Runs commands for one of [`FRAMES`]: one by one, each would wait for the page to be drawn.
    fn steps(mut self) -> Self {
        let start = dom::now();
        let [first, later] = FRAMES;
        let frame = if self.terminal.drawn == 0 { first } else { later };
        self.terminal.drawn += 1;
        while self.terminal.job.is_some() {
            self = self.step();
            if dom::now() - start >= frame {
                break;
            }
        }
        self
    }

    fn step(mut self) -> Self {
        let Some(job) = self.terminal.job.take() else { return self };
        let prompt = self.prompt();
        // Nobody else holds it while it runs; if somebody did, the step would be lost and the job with it.
        let ran = job.try_borrow_mut().ok().and_then(|mut job| job.step(Rc::make_mut(&mut self.session)));
        match ran {
            Some(ran) => {
                self.terminal.job = Some(job);
                if ran.clear {
                    self.terminal.dropped += self.terminal.blocks.len();
                    self.terminal.blocks = Rc::default();
                    self.terminal.is_fresh = false;
                    self.terminal.steps = self.terminal.steps.wrapping_add(1);
                } else {
                    if let Some(route) = ran.edit.as_ref().and_then(Route::of_edit) {
                        self.route = route;
                    }
                    self.push(prompt, ran);
                }
            }
            None => {
                self.terminal.steps = self.terminal.steps.wrapping_add(1);
                self.start_next();
            }
        }
        self
    }
}

/// What is refused before it is read: neither kept nor shown as a whole.
fn too_long(text: &str) -> Ran {
    let head: String = text.chars().take(60).collect();
    let said = format!(
        "bash: the text is longer than the {MAX_SCRIPT_BYTES} bytes that this terminal reads at once: {} bytes\n",
        text.len()
    );
    let chunks = vec![Chunk { stream: Stream::Err, text: said }];
    Ran { chunks, ..blank(format!("{head}…"), 2) }
}

/// A line that ran nothing.
fn blank(command: String, exit: i32) -> Ran {
    Ran { line: Some(command.clone()), command, chunks: Vec::new(), exit, hints: Vec::new(), clear: false, edit: None }
}

impl Reducible for App {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        // Nothing to change: the same value, so that nothing is drawn anew.
        let same = match &action {
            Action::Go(route) => self.route == *route,
            Action::Follow(route) => self.route == *route && !self.flash.as_ref().is_some_and(|flash| flash.passes),
            Action::Ask(question) => self.question == *question,
            Action::DismissFlash => self.flash.is_none(),
            Action::ModeDialog(open) => self.is_mode_dialog_open == *open,
            Action::Travel(steps) => match steps.signum() {
                1 => !self.session.log().iter().any(|entry| entry.changed),
                -1 => self.session.undone().is_empty(),
                _ => true,
            },
            Action::Step => self.terminal.job.is_none(),
            _ => false,
        };
        if same {
            return self;
        }
        let mut app = (*self).clone();
        Rc::new(match action {
            Action::Go(route) => {
                app.route = route;
                app
            }
            Action::Follow(route) => {
                app.route = route;
                app.flash = app.flash.filter(|flash| !flash.passes);
                app
            }
            Action::Restore(session, asked) => {
                app.session = Rc::new(*session);
                app.question = asked.as_ref().map(sharing::from_link).unwrap_or_default();
                app.flash = None;
                app
            }
            Action::Ask(question) => {
                app.question = question;
                app
            }
            Action::Call(caller, requests, title) => {
                app.call(requests.into_iter().map(|request| (caller.clone(), request)).collect(), title)
            }
            Action::CallEach(calls, title) => app.call(calls, title),
            Action::Apply(requests, title) => {
                let by = app.callers();
                let calls = requests.into_iter().map(|request| (by.of(&request).clone(), request)).collect();
                app.call(calls, title)
            }
            Action::Script(line, title) => app.script(line, title),
            Action::Travel(steps) => app.travel(steps),
            Action::Show(flash) => {
                app.flash = Some(Rc::new(flash));
                app
            }
            Action::DismissFlash => {
                app.flash = None;
                app
            }
            Action::ModeDialog(open) => {
                app.is_mode_dialog_open = open;
                app
            }
            Action::Run(text) => app.run(text),
            Action::Step => app.steps(),
            Action::Interrupt(text) => {
                app.terminal.job = None;
                app.terminal.queue.clear();
                app.print(blank(format!("{text}^C"), 130))
            }
            Action::Clear => {
                app.terminal.blocks = Rc::default();
                app.terminal.is_fresh = false;
                app
            }
            Action::StopOnError(stops) => {
                app.terminal.stops_on_error = stops;
                app
            }
            Action::Insert(text) => {
                app.terminal.insert = (app.terminal.insert.0.wrapping_add(1), text);
                app
            }
        })
    }
}
