//! `weft demo`: a small federation of real nodes that plays a story.
//!
//! **Invariant:** whatever the end, told, failed or interrupted, no node that was started here runs
//! on, and no folder stays but one that is named on the screen.
//!
//! Start reading at [`story`], and at [`bridges`] for what happens between two regions: they use the
//! words of [`stage`], and their people are in [`cast`].

mod bridges;
mod cast;
mod line;
mod moves;
mod node;
mod stage;
mod story;
mod words;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result};
use serde_json::json;
use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};

use self::node::Bell;
use self::stage::Stage;
use self::words::{Frame, frame};
use crate::desk::{Desk, complain};
use crate::exit::Exit;

/// Start a small federation on this machine and watch a story unfold
///
/// Each network of the story runs a real node, in a temporary folder and on this machine only. There
/// are two regions, and a call that waits at the bridges between them. When the story is told the
/// nodes stay up, and you can try things, until you press Ctrl-C.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// End when the story is told, with exit code 0 if every step was seen on another node
    #[arg(long)]
    once: bool,
    /// Keep the homes of the nodes when it ends
    #[arg(long)]
    keep: bool,
    /// Play it with this program, such as another build of weft [default: this one]
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// Plays the story, and unless it is to end then, waits until the person wants it to.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    let bell = Arc::new(Bell::default());
    listen_for_curtain(Arc::clone(&bell))?;
    let program = match &args.program {
        Some(program) => program.clone(),
        None => std::env::current_exe().context("this program does not know where it is")?,
    };
    let mut stage = Stage::new(desk, program, Arc::clone(&bell))?;
    let say = |what: &Frame<'_>| frame(desk.speech, what);
    if !desk.json {
        desk.line(say(&Frame::Opening))?;
    }
    if let Err(error) = story::play(&mut stage) {
        // What the nodes wrote is of use when a step failed, and of none when the person ended it.
        let failed = !bell.is_over();
        if failed {
            let (step, sentence) = stage.step();
            let (why, logs) = (format!("{error:#}"), stage.folder().display().to_string());
            complain(&say(&Frame::Failed { step, sentence, why: &why, logs: &logs }));
        } else {
            complain(&say(&Frame::Interrupted));
        }
        keep_if(desk, args.keep || failed, stage.end())?;
        return Ok(Exit::Failed);
    }
    let (steps, _) = stage.step();
    let folder = stage.folder().display().to_string();
    if desk.json {
        desk.answer_line(&json!({ "told": steps, "folder": folder }))?;
    } else {
        desk.line(say(&Frame::Told { steps }))?;
    }
    if !args.once {
        if !desk.json {
            desk.line(say(&Frame::Try { folder: &folder }))?;
        }
        bell.wait_for_curtain();
    }
    keep_if(desk, args.keep, stage.end())?;
    Ok(Exit::Done)
}

/// Keeps the homes, or removes them.
fn keep_if(desk: &Desk, keep: bool, folder: TempDir) -> Result<()> {
    if keep {
        let folder = folder.keep().display().to_string();
        complain(&frame(desk.speech, &Frame::Kept { folder: &folder }));
        Ok(())
    } else {
        folder.close().context("the homes cannot be removed")
    }
}

/// Lets Ctrl-C, and the system's wish that we end, end the story instead of us.
fn listen_for_curtain(bell: Arc<Bell>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let (mut interrupt, mut terminate) = {
        let _entered = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        });
        bell.curtain();
    });
    Ok(())
}
