#include "tickets.hpp"

#include <stdexcept>

/** A prepared statement. `with` binds the values in order. */
class Statement {
public:
    Statement(sqlite3 *database, const char *sql) : database_(database) {
        if (sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr) != SQLITE_OK) fail();
    }
    Statement(const Statement &) = delete;
    Statement &operator=(const Statement &) = delete;
    ~Statement() { sqlite3_finalize(statement_); }

    Statement &with(const std::string &text) {
        check(sqlite3_bind_text64(statement_, ++given_, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
        return *this;
    }
    Statement &with(std::int64_t number) {
        check(sqlite3_bind_int64(statement_, ++given_, number));
        return *this;
    }

    /** The next row; false after the last one. */
    bool step() {
        const int status = sqlite3_step(statement_);
        if (status != SQLITE_ROW && status != SQLITE_DONE) fail();
        return status == SQLITE_ROW;
    }
    std::string text(int column) const {
        const auto *at = reinterpret_cast<const char *>(sqlite3_column_text(statement_, column));
        return at == nullptr ? std::string()
                             : std::string(at, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
    }
    std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }

private:
    void check(int status) {
        if (status != SQLITE_OK) fail();
    }
    [[noreturn]] void fail() const { throw std::runtime_error(std::string("database: ") + sqlite3_errmsg(database_)); }

    sqlite3 *database_;
    sqlite3_stmt *statement_ = nullptr;
    int given_ = 0;
};

Tickets::Tickets(const std::string &path) {
    sqlite3 *database = nullptr;
    const int status = sqlite3_open(path.c_str(), &database);
    database_.reset(database);
    if (status != SQLITE_OK) throw std::runtime_error("database " + path + ": " + sqlite3_errmsg(database));
    /* `receive` and `sync` may write at the same time. */
    sqlite3_busy_timeout(database, 5000);
    run("PRAGMA foreign_keys = ON");
    run("PRAGMA journal_mode = WAL");
    run("CREATE TABLE IF NOT EXISTS tickets (id INTEGER PRIMARY KEY, subject TEXT NOT NULL, email TEXT NOT NULL,"
        " lookup_code TEXT NOT NULL)");
    run("CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, ticket INTEGER NOT NULL REFERENCES tickets,"
        " started_at TEXT NOT NULL, ended_at TEXT NOT NULL, seconds INTEGER NOT NULL, agents TEXT NOT NULL,"
        " record TEXT NOT NULL)");
    run("CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)");
}

void Tickets::run(const char *sql) {
    Statement statement(database_.get(), sql);
    while (statement.step()) continue;
}

std::int64_t Tickets::open(const std::string &subject, const std::string &email, const std::string &lookup_code) {
    Statement(database_.get(), "INSERT INTO tickets (subject, email, lookup_code) VALUES (?, ?, ?)")
        .with(subject).with(email).with(lookup_code).step();
    return sqlite3_last_insert_rowid(database_.get());
}

static const char tickets_sql[] =
    "SELECT id, subject, email, lookup_code, (SELECT count(*) FROM sessions WHERE ticket = tickets.id) FROM tickets";

static Ticket ticket_of(const Statement &row) {
    return {row.number(0), row.text(1), row.text(2), row.text(3), static_cast<int>(row.number(4))};
}

std::vector<Ticket> Tickets::all() const {
    std::vector<Ticket> tickets;
    Statement rows(database_.get(), tickets_sql);
    while (rows.step()) tickets.push_back(ticket_of(rows));
    return tickets;
}

std::optional<Ticket> Tickets::find(std::int64_t id) const {
    Statement row(database_.get(), (std::string(tickets_sql) + " WHERE id = ?").c_str());
    if (!row.with(id).step()) return std::nullopt;
    return ticket_of(row);
}

std::vector<Record> Tickets::records(std::int64_t ticket) const {
    std::vector<Record> records;
    Statement rows(database_.get(),
                   "SELECT id, started_at, ended_at, seconds, agents FROM sessions WHERE ticket = ?"
                   " ORDER BY started_at");
    rows.with(ticket);
    while (rows.step()) records.push_back({rows.text(0), rows.text(1), rows.text(2), rows.number(3), rows.text(4)});
    return records;
}

/** The ticket number from the metadata of the watch link. Sessions from other programs may have any metadata. */
static std::int64_t ticket_in(const nlohmann::json &session) {
    const auto metadata = session.find("metadata");
    if (metadata == session.end() || !metadata->is_object()) return 0;
    const auto ticket = metadata->find("ticket");
    if (ticket == metadata->end() || !ticket->is_number_integer()) return 0;
    return ticket->get<std::int64_t>();
}

bool Tickets::save(const nlohmann::json &session) {
    const std::int64_t id = ticket_in(session);
    if (!find(id)) return false;

    std::string agents;
    const auto list = session.find("agents");
    if (list != session.end() && list->is_array()) {
        for (const nlohmann::json &agent : *list) {
            if (!agent.is_object()) continue;
            agents += (agents.empty() ? "" : ", ") + text_at(agent, "name");
        }
    }
    const auto length = session.find("length_seconds");
    const std::int64_t seconds = length != session.end() && length->is_number() ? length->get<std::int64_t>() : 0;
    Statement(database_.get(),
              "INSERT INTO sessions (id, ticket, started_at, ended_at, seconds, agents, record)"
              " VALUES (?, ?, ?, ?, ?, ?, ?)"
              " ON CONFLICT (id) DO UPDATE SET ticket = excluded.ticket, started_at = excluded.started_at,"
              " ended_at = excluded.ended_at, seconds = excluded.seconds, agents = excluded.agents,"
              " record = excluded.record")
        .with(text_at(session, "id")).with(id).with(text_at(session, "started_at")).with(text_at(session, "ended_at"))
        .with(seconds).with(agents).with(session.dump()).step();
    return true;
}

std::optional<std::string> Tickets::setting(const char *name) const {
    Statement row(database_.get(), "SELECT value FROM settings WHERE name = ?");
    if (!row.with(std::string(name)).step()) return std::nullopt;
    return row.text(0);
}

void Tickets::set(const char *name, const std::string &value) {
    Statement(database_.get(), "INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)")
        .with(std::string(name)).with(value).step();
}

Tickets::Transaction::Transaction(Tickets &tickets) : tickets_(tickets) { tickets_.run("BEGIN IMMEDIATE"); }

Tickets::Transaction::~Transaction() {
    if (!open_) return;
    try {
        tickets_.run("ROLLBACK");
    } catch (const std::runtime_error &) {
        /* SQLite has already rolled back. */
    }
}

void Tickets::Transaction::commit() {
    tickets_.run("COMMIT");
    open_ = false;
}
