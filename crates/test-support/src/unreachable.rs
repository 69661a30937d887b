//! Addresses that no connection reaches.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// A loopback address that refuses connections. Its port stays bound, so no other program can listen on it.
pub struct RefusingAddress {
    address: SocketAddr,
    _socket: Socket,
}

impl RefusingAddress {
    /// Binds a free port.
    #[allow(clippy::new_without_default, reason = "it takes a port from the system")]
    pub fn new() -> RefusingAddress {
        let (socket, address) = bind((Ipv4Addr::LOCALHOST, 0).into());
        RefusingAddress { address, _socket: socket }
    }

    /// The address to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// A listener that accepts nothing and whose queue is full: new connections are neither accepted nor refused. This
/// works only on Linux; other systems accept or refuse them.
pub struct FullListener {
    address: SocketAddr,
    _listener: Socket,
    _queued: Vec<Socket>,
}

impl FullListener {
    /// Listens on `address`; port 0 is any free port.
    pub fn bind(address: SocketAddr) -> FullListener {
        let (listener, address) = bind(address);
        listener.listen(0).unwrap();
        let connect = |_| {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            socket.connect_timeout(&address.into(), Duration::from_millis(50)).ok().map(|()| socket)
        };
        let queued = (0..4).map_while(connect).collect();
        FullListener { address, _listener: listener, _queued: queued }
    }

    /// The address to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

fn bind(address: SocketAddr) -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&address.into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, address)
}
