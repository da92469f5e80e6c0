//! The command line, as one table: parser, help, completions and manual page come from it.
//!
//! Only shapes; what they mean is decided in `config` and `cli`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use guide::Guide;

use super::options::Options;
use super::picture_name;
use crate::graphics::protocol::Protocol;
use crate::schema::regions::Region;
use crate::simulator::fault;

pub mod guide;

/// A terminal workbench for FLUX.1 Kontext: describe one change, see it, continue from any picture.
///
/// Without a command, opens the workbench. Without a key, runs on the embedded simulator:
/// nothing is sent and nothing is billed.
#[derive(Debug, Parser)]
#[command(name = "editree", version = env!("EDITREE_VERSION"), subcommand_precedence_over_arg = true,
          disable_help_subcommand = true, max_term_width = 100)]
pub struct Arguments {
    #[command(flatten)]
    pub common: Common,
    /// Pictures to open, each as a root; the first edit starts from the first one.
    #[arg(value_name = "PICTURE")]
    pub pictures: Vec<PathBuf>,
    /// Lines in, lines out, no screen: for screen readers, logs and pipes.
    #[arg(long, env = "EDITREE_PLAIN", value_parser = clap::builder::FalseyValueParser::new())]
    pub plain: bool,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every command understands.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// The service to use: `fal`, `sim`, or a profile of the config file.
    #[arg(long, global = true, value_name = "NAME", env = "EDITREE_PROFILE")]
    pub profile: Option<String>,
    /// Use the embedded simulator: no key, nothing is sent, nothing is billed.
    #[arg(long, global = true, env = "EDITREE_SIM",
          value_parser = clap::builder::FalseyValueParser::new())]
    pub sim: bool,
    /// The folder of the tree and its pictures.
    #[arg(long, global = true, value_name = "DIR", env = "EDITREE_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// The config file to read instead of the default one.
    #[arg(long, global = true, value_name = "FILE", env = "EDITREE_CONFIG")]
    pub config: Option<PathBuf>,
    /// The tree to use; `main` by default, `simulator` on a simulator.
    #[arg(long, global = true, value_name = "NAME", env = "EDITREE_PROJECT")]
    pub project: Option<String>,
    /// How to show pictures; detected from the terminal by default.
    #[arg(long, global = true, value_name = "HOW", env = "EDITREE_GRAPHICS",
          value_parser = Graphics::parser())]
    pub graphics: Option<Graphics>,
    /// Let place, time, camera and other private words of a photo leave with it: in uploads,
    /// copies and reports.
    #[arg(long, global = true, env = "EDITREE_KEEP_METADATA",
          value_parser = clap::builder::FalseyValueParser::new())]
    pub keep_metadata: bool,
}

/// `--graphics`: a protocol, or none for what the terminal says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Graphics(pub Option<Protocol>);

impl Graphics {
    fn parser() -> impl TypedValueParser<Value = Self> {
        let words = std::iter::once("auto").chain(Protocol::flags());
        PossibleValuesParser::new(words).map(|word| Self(Protocol::by_flag(&word)))
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Send one request without the workbench; progress on stderr, result on stdout.
    Run(Box<Run>),
    /// Serve the simulator on loopback, for the official clients and for tests.
    Simulate(Simulate),
    /// Print a picture into the scrollback.
    Show {
        /// A node (`n12`, `n12.2`, `@`) or a file.
        #[arg(value_name = "NODE|FILE", value_parser = picture_name::parser())]
        what: String,
    },
    /// List the endpoints and their prices.
    #[command(args_conflicts_with_subcommands = true)]
    Models {
        #[command(subcommand)]
        command: Option<Models>,
        /// Print one JSON object on stdout and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// List the parameters of one endpoint.
    Schema {
        /// A full endpoint id or a short name, such as `pro`.
        model: String,
        /// Print one JSON object on stdout and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Print the tree.
    Tree {
        /// Only this node and its descendants.
        node: Option<String>,
        /// Print one JSON object on stdout and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Print a node as code that makes it again, or as a recipe.
    Export(Export),
    /// Import pictures that editree or another tool made, with their recipes and their places in the
    /// tree; in any order.
    Import {
        /// Pictures, and folders that are searched for pictures, such as another store's `media`.
        #[arg(
            value_name = "PATH",
            required_unless_present = "from_service",
            conflicts_with = "from_service"
        )]
        paths: Vec<PathBuf>,
        /// Bring requests that were sent elsewhere with this account: recipe, cost and pictures.
        #[arg(long)]
        from_service: bool,
        /// Requests since this day; by default of the last 7, at most 90.
        #[arg(long, value_name = "DATE", requires = "from_service")]
        since: Option<String>,
        /// Only requests to these endpoints, by full id or short name; may be repeated.
        #[arg(short, long, value_name = "MODEL", value_delimiter = ',', requires = "from_service")]
        model: Vec<String>,
        /// Only list what would come.
        #[arg(long, requires = "from_service")]
        dry_run: bool,
        /// Print one JSON object on stdout and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Repeat a picture's steps on other pictures; run again to resume.
    Replay(Replay),
    /// Run one picture with many settings, or the rows of a file; run again to resume.
    Sweep(Sweep),
    /// Write a branch as one HTML page: pictures, prompts, differences, cost.
    Report {
        /// The branch's last picture: `n12`, `n12.2`, or `@` for the newest.
        node: String,
        /// The file to write; `-` is stdout.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// Put the pictures into a folder beside the page, which is small then and loads them as
        /// one scrolls.
        #[arg(long)]
        folder: bool,
    },
    /// Show what was spent by day and endpoint, the service's own bills, and the account's balance.
    Account {
        /// Print one JSON object on stdout and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// List unfinished jobs.
    Jobs {
        /// Print one JSON object on stdout and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Wait until jobs are finished.
    #[command(override_usage = "editree wait [OPTIONS] ID...|--all")]
    Wait {
        /// Jobs, by the ids of `editree jobs`.
        #[arg(value_name = "ID", required_unless_present = "all")]
        jobs: Vec<String>,
        /// All unfinished jobs.
        #[arg(long)]
        all: bool,
        /// Also send what was saved but never sent. This costs money.
        #[arg(long)]
        send: bool,
        /// Print one JSON object on stdout and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Ask the service to cancel a job, or discard one that was not sent.
    Cancel {
        /// The job, by its id of `editree jobs`.
        #[arg(value_name = "ID")]
        job: String,
        /// Print one JSON object on stdout and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Store or remove a profile's key, or show where it comes from.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Compare two pictures: what changed, where, and how much.
    Compare(Compare),
    /// Restore what an edit changed unintentionally from its parent; local and free.
    Heal(Heal),
    /// Check terminal, config, key, store and service, and print fixes.
    Doctor {
        /// Print one JSON object on stdout and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Write the whole store, all projects with every picture, to one file.
    Backup {
        /// The file to create; an existing one is never overwritten.
        file: PathBuf,
        /// Print one JSON object on stdout and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Restore the store from a backup, after checking it completely.
    Restore {
        /// The file that `editree backup` has made.
        file: PathBuf,
        /// Replace an existing store; it is moved aside, not deleted.
        #[arg(long)]
        replace: bool,
        /// Print one JSON object on stdout and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// List unused pictures and those in the trash for 30 days, and delete them
    /// after confirmation.
    Gc {
        /// Only list them.
        #[arg(long)]
        dry_run: bool,
        /// Delete without asking; required in scripts.
        #[arg(long, conflicts_with = "dry_run")]
        yes: bool,
    },
    #[command(flatten)]
    Guide(Guide),
}

#[derive(Clone, Debug, Subcommand)]
pub enum KeyCommand {
    /// Read a key, check it with the service (free), and store it in the system keyring.
    ///
    /// Typed without echo, or read from standard input.
    Set {
        /// Store it in a file that only you can read instead.
        #[arg(long)]
        file: bool,
        /// Store it without checking it.
        #[arg(long)]
        no_check: bool,
    },
    /// Remove the stored key.
    Unset,
    /// Show where the key comes from; the key itself is never shown.
    #[command(alias = "where")]
    Status {
        /// Also ask the service whether it accepts the key, and what the key may do (free).
        #[arg(long)]
        check: bool,
        /// Print one JSON object on stdout and nothing else.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Models {
    /// Add any other endpoint from its OpenAPI document.
    Add {
        /// The document, the address of a model's page, or the model's full id.
        #[arg(value_name = "URL|FILE")]
        what: String,
        /// The endpoint id, if the document does not state it: `fal-ai/my-app`.
        #[arg(long = "as", value_name = "OWNER/NAME")]
        owner: Option<String>,
    },
    /// Search the service's catalogue for models that make pictures (free).
    Find {
        /// Words of its name or description.
        #[arg(required = true)]
        words: Vec<String>,
        /// Print one JSON object on stdout and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Tell what has changed in price and parameters since a model was added (free).
    Diff {
        /// A full endpoint id or a short name; all that were added by default.
        model: Option<String>,
        /// Print one JSON object on stdout and nothing else.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone, Debug, Default, Args)]
pub struct Run {
    /// A full endpoint id or a short name; chosen by the number of pictures by default.
    #[arg(short, long, value_name = "MODEL")]
    pub model: Option<String>,
    /// An input picture: a file, a URL, a node, or `-` for standard input; may be repeated.
    #[arg(short, long, value_name = "FILE|URL|NODE", value_parser = picture_name::parser())]
    pub input: Vec<String>,
    /// A parameter, as listed by `editree schema MODEL`; may be repeated.
    #[arg(short, long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// The result's file format, such as `jpeg`: `-s output_format`; by default what the name of the
    /// copy means.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Copy the picture here (`-`: its bytes to stdout); several are numbered.
    ///
    /// The name may hold {node} {picture} {seed} {model} {prompt} {date} {time} {ext}: such a copy
    /// never overwrites a file, and its path is printed.
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Print one JSON object on stdout and nothing else.
    #[arg(long)]
    pub json: bool,
    /// Check and print the request; send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Run in one call; cannot be resumed after a crash.
    #[arg(long, conflicts_with_all = ["no_wait", "webhook"])]
    pub sync: bool,
    /// Exit once the service has accepted it; `editree wait` fetches the result.
    #[arg(long)]
    pub no_wait: bool,
    /// Webhook URL that the service calls on completion.
    #[arg(long, value_name = "URL")]
    pub webhook: Option<String>,
    /// Send even if it exceeds the budget of the config file.
    #[arg(long)]
    pub over_budget: bool,
    /// A part of the picture and what to change in it, for models that take boxes; each side from
    /// 0 to 1000; may be repeated.
    #[arg(long, value_name = "TOP,LEFT,BOTTOM,RIGHT:WORDS")]
    pub region: Vec<Region>,
    /// The prompt: what to change. A choice in braces, `{red|blue}`, is for `sweep`; `\{` is a brace.
    pub prompt: String,
    /// What stands behind the prompt by mistake; the refusal says where it goes.
    #[arg(hide = true)]
    pub more: Vec<String>,
    #[command(flatten)]
    pub options: Options,
}

/// How several requests are sent.
#[derive(Clone, Debug, Args)]
pub struct Batch {
    /// Print one JSON object on stdout and nothing else.
    #[arg(long)]
    pub json: bool,
    /// Print the requests and the price; send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Send without asking.
    #[arg(long)]
    pub yes: bool,
    /// Send even if it exceeds the budget of the config file.
    #[arg(long)]
    pub over_budget: bool,
}

#[derive(Clone, Debug, Args)]
pub struct Replay {
    /// The last node of the branch: `n12`, or `@` for the newest; or a file that
    /// `export --as recipe` has written.
    #[arg(value_name = "NODE|RECIPE")]
    pub steps: String,
    /// Pictures to start from: files or nodes.
    #[arg(required = true, value_name = "PICTURE", value_parser = picture_name::parser())]
    pub pictures: Vec<String>,
    #[command(flatten)]
    pub batch: Batch,
}

#[derive(Clone, Debug, Args)]
pub struct Sweep {
    /// Endpoints, by full id or short name; may be repeated.
    #[arg(short, long, value_name = "MODEL", value_delimiter = ',')]
    pub model: Vec<String>,
    /// An input picture: a file, a URL, a node, or `-` for standard input; may be repeated.
    #[arg(short, long, value_name = "FILE|URL|NODE", value_parser = picture_name::parser())]
    pub input: Vec<String>,
    /// A parameter and its values: `seed=1..4`, `guidance_scale=2.5,3.5`, `2..4..0.5`,
    /// `model=pro,max`; may be repeated. Without a seed all have seed 1.
    #[arg(short, long, value_name = "KEY=VALUES")]
    pub set: Vec<String>,
    /// One request for each row of a CSV, TSV or JSON lines file.
    ///
    /// Its first row names the columns: `prompt`, `picture` (further ones: `picture2`), `model`,
    /// and any parameter. Files are looked for beside the table, then here. An empty cell is as if
    /// it were not there; prompt, -m, -i and -s of the command line are for all rows.
    #[arg(long, value_name = "FILE.csv")]
    pub from: Option<PathBuf>,
    /// Also write all results to one labelled contact sheet.
    #[arg(short, long, value_name = "FILE.png")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub batch: Batch,
    /// The prompt; `{red|blue}` and `{1..4}` in it add an axis, `\{` is a brace.
    #[arg(required_unless_present = "from")]
    pub prompt: Option<String>,
    /// What stands behind the prompt by mistake; the refusal says where it goes.
    #[arg(hide = true)]
    pub more: Vec<String>,
}

#[derive(Clone, Debug, Args)]
pub struct Export {
    /// A node: `n12`, or `@` for the newest.
    pub node: String,
    /// The language; each program reads the key from FAL_KEY.
    #[arg(long = "as", value_enum, default_value_t = As::Curl)]
    pub language: As,
    /// Include all steps that led to it, each feeding the next.
    #[arg(long)]
    pub chain: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum As {
    Curl,
    Python,
    Javascript,
    Json,
    Recipe,
}

#[derive(Clone, Debug, Args)]
pub struct Compare {
    /// A node (`n12`, `n12.2`, `@`) or a file.
    #[arg(value_name = "A", value_parser = picture_name::parser())]
    pub a: String,
    /// The picture to compare it with.
    #[arg(value_name = "B", value_parser = picture_name::parser())]
    pub b: String,
    /// Print one JSON object on stdout and nothing else.
    #[arg(long)]
    pub json: bool,
    /// Also write a heat map of the differences to this PNG file.
    #[arg(long, value_name = "FILE.png")]
    pub heat: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub struct Heal {
    /// The edited picture: a node or a file.
    pub child: String,
    /// What it was made from stands behind it by mistake; the refusal says where it goes.
    #[arg(hide = true)]
    pub more: Vec<String>,
    /// The picture it was made from; by default the node's parent.
    #[arg(long, value_name = "NODE|FILE")]
    pub parent: Option<String>,
    /// Write the PNG here (`-`: its bytes to stdout); by default the child's name with `-healed`.
    /// The name may hold {node}, {prompt} and the other words of `run -o`.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Percent to restore: 0 only surely unchanged areas, 100 all but strong changes.
    #[arg(long, value_name = "PERCENT", default_value_t = 50,
          value_parser = clap::value_parser!(u8).range(0..=100))]
    pub strength: u8,
    /// Print one JSON object on stdout and nothing else.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Debug, Args)]
pub struct Simulate {
    /// The address to listen on; loopback only.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Speed-up of queue and inference times.
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    pub speed: f32,
    /// A fault to make, such as `result:504*6`, or a word about the account, such as `key:submit`; may
    /// be repeated. `--help` lists all.
    #[arg(long, value_name = "SPEC", long_help = fault::help())]
    pub fault: Vec<String>,
    /// Also serve the service's own host names, over TLS behind a proxy on loopback, so that its Python
    /// client runs unchanged; the CA certificate is written to DIR/ca.pem.
    #[arg(long, value_name = "DIR")]
    pub tls: Option<PathBuf>,
    /// Print one line of JSON once it listens.
    /// Print one JSON object on stdout and nothing else.
    #[arg(long)]
    pub json: bool,
}
