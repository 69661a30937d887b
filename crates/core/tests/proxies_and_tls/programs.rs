//! External programs, which a test starts and which end with it.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const START_TIMEOUT: Duration = Duration::from_secs(10);

pub struct Program {
    child: Child,
    pub address: SocketAddr,
    /// Its files, including its log.
    pub folder: tempfile::TempDir,
}

impl Program {
    /// Starts the command that `command` returns for a free port and a folder, and waits until it listens.
    fn start(command: impl FnOnce(u16, &tempfile::TempDir) -> Command) -> Program {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut command = command(address.port(), &folder);
        let log = fs::File::create(folder.path().join("output")).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut program = Program { child, address, folder };
        program.wait_until_listening();
        program
    }

    fn wait_until_listening(&mut self) {
        let start = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && start.elapsed() < START_TIMEOUT, "{ended:?}: {}", self.output());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn output(&self) -> String {
        fs::read_to_string(self.folder.path().join("output")).unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `options` are further lines of its configuration.
pub fn tinyproxy(options: &str) -> Program {
    Program::start(|port, folder| {
        let file = folder.path().join("tinyproxy.conf");
        let lines = format!("Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\nLogLevel Connect\n{options}\n");
        fs::write(&file, lines).unwrap();
        let mut command = Command::new("tinyproxy");
        command.arg("-d").arg("-c").arg(file);
        command
    })
}

/// The number of connections from a tinyproxy to `target`.
pub fn count_tunnels(proxy: &Program, target: SocketAddr) -> usize {
    proxy.output().matches(&format!("CONNECT {target} HTTP/1.1")).count()
}

pub fn microsocks(credentials: Option<(&str, &str)>) -> Program {
    Program::start(|port, _| {
        let mut command = Command::new("microsocks");
        command.args(["-i", "127.0.0.1", "-p", &port.to_string()]);
        if let Some((user, password)) = credentials {
            command.args(["-u", user, "-P", password]);
        }
        command
    })
}

/// OpenSSL's web server, which responds to `GET /v1.3/usage`.
pub fn openssl(certificate: &str, key: &str, arguments: &[&str]) -> Program {
    Program::start(|port, folder| {
        let write = |name: &str, text: &str| -> PathBuf {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, text).unwrap();
            file
        };
        // With -HTTP, the file is the complete response including the head.
        write("v1.3/usage", "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"usage\":{}}");
        let mut command = Command::new("openssl");
        command.current_dir(folder.path()).args(["s_server", "-quiet", "-HTTP", "-accept"]);
        command.arg(format!("127.0.0.1:{port}"));
        command.arg("-cert").arg(write("cert.pem", certificate)).arg("-key").arg(write("key.pem", key));
        command.args(arguments);
        command
    })
}
