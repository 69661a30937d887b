//! Calls the added operation with its typed request.

use upscope::operations::{RenameVisitor, Renamer};
use upscope::{Client, Config};

fn main() -> Result<(), upscope::Error> {
    let request = RenameVisitor::new("1234", "Ann Lee", Renamer::new("7")).reason("She asked for it.");
    println!("{:?}", Client::new(Config::new())?.rename_visitor(&request)?);
    Ok(())
}
