/* The database of the helpdesk: tickets, their co-browsing sessions, and a few settings, in SQLite. */

#ifndef TICKETS_HPP
#define TICKETS_HPP

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <sqlite3.h>

struct Ticket {
    std::int64_t id;
    std::string subject;
    std::string email;
    std::string lookup_code;
    int sessions;
};

struct Record {
    std::string session;
    std::string started_at;
    std::string ended_at;
    std::int64_t seconds;
    std::string agents;
};

/** The string at this key; empty if there is none. */
inline std::string text_at(const nlohmann::json &object, const char *key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/** Every failure throws a std::runtime_error. */
class Tickets {
public:
    /** Opens the database and creates missing tables. */
    explicit Tickets(const std::string &path);

    std::int64_t open(const std::string &subject, const std::string &email, const std::string &lookup_code);
    std::vector<Ticket> all() const;
    std::optional<Ticket> find(std::int64_t id) const;
    std::vector<Record> records(std::int64_t ticket) const;

    /** Inserts or updates the record of a session. Returns false if it belongs to no ticket. */
    bool save(const nlohmann::json &session);

    std::optional<std::string> setting(const char *name) const;
    void set(const char *name, const std::string &value);

    /** Rolls back at the end unless committed. */
    class Transaction {
    public:
        explicit Transaction(Tickets &tickets);
        Transaction(const Transaction &) = delete;
        Transaction &operator=(const Transaction &) = delete;
        ~Transaction();
        void commit();

    private:
        Tickets &tickets_;
        bool open_ = true;
    };

private:
    struct Close {
        void operator()(sqlite3 *database) const { sqlite3_close(database); }
    };

    void run(const char *sql);

    std::unique_ptr<sqlite3, Close> database_;
};

#endif
