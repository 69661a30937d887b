/* The header matches the library: each operation has its methods, and each request struct has exactly the keys of the
 * operation's schema, with the same types and the same required keys. Usage: operations HEADER */

#include "check.h"
#include "upscope.hpp"

#include <fstream>
#include <iterator>
#include <map>

namespace {

using nlohmann::json;
using namespace upscope;

/** The schema of a struct, as its members define it. */
class Shape {
public:
    template <typename T>
    void member(const char *key, const std::optional<T> &) {
        properties_[key] = of<T>();
    }
    template <typename T>
    void member(const char *key, const T &) {
        properties_[key] = of<T>();
        required_.push_back(key);
    }

    template <typename T>
    static json of() {
        if constexpr (std::is_same_v<T, std::string>) return {{"type", "string"}};
        else if constexpr (std::is_same_v<T, bool>) return {{"type", "boolean"}};
        else if constexpr (std::is_same_v<T, std::int64_t>) return {{"type", "integer"}};
        else if constexpr (std::is_same_v<T, Object>) return {{"type", "object"}};
        else if constexpr (std::is_same_v<T, Naked>) return {{"anyOf", "a boolean or a word"}};
        else if constexpr (std::is_same_v<T, Value>) return json::object();
        else {
            Shape shape;
            detail::members(shape, T{});
            return {{"type", "object"}, {"properties", shape.properties_}, {"required", shape.required_}};
        }
    }

private:
    json properties_ = json::object();
    json required_ = json::array();
};

/** Lists the differences between the library's schema and a struct. */
void compare(const std::string &where, const json &schema, const json &shape, std::vector<std::string> &differences) {
    if (schema.value("type", json()) != shape.value("type", json())) {
        differences.push_back(where + " has a different type in the header: " + shape.dump());
    }
    if (schema.contains("anyOf") != shape.contains("anyOf")) {
        differences.push_back(where + " has different values in the header: " + shape.dump());
    }
    if (schema.contains("properties") != shape.contains("properties")) {
        differences.push_back(where + " has keys in only one of library and header");
        return;
    }
    if (!schema.contains("properties")) return;
    if (schema.value("required", json::array()) != shape.at("required")) {
        differences.push_back(where + " has different required keys in the header: " + shape.at("required").dump());
    }
    const json &wanted = schema.at("properties"), &found = shape.at("properties");
    for (const auto &[key, property] : found.items()) {
        if (!wanted.contains(key)) differences.push_back(where + "." + key + " is only in the header");
    }
    for (const auto &[key, property] : wanted.items()) {
        if (!found.contains(key)) differences.push_back(where + "." + key + " is missing from the header");
        else compare(where + "." + key, property, found.at(key), differences);
    }
}

/** The schemas of the header's request structs, by operation. */
template <typename... Requests>
std::map<std::string, json> shapes(detail::List<Requests...>) {
    return {{detail::operation_of(Requests{}), Shape::of<Requests>()}...};
}

/** The differences between the header and the operations of the library. */
std::vector<std::string> differences(const json &operations, const std::string &header) {
    const std::map<std::string, json> all = shapes(detail::Requests());
    std::vector<std::string> found;
    for (const json &operation : operations) {
        const std::string name = operation.at("name");
        if (all.count(name) == 0) found.push_back("the header has no operation " + name);
        else compare(name, operation.at("request"), all.at(name), found);
        for (const std::string &method : {" try_" + name + "(const ", "Answer " + name + "(const "}) {
            if (header.find(method) == std::string::npos) found.push_back("the client has no" + method + "...");
        }
    }
    if (operations.size() < all.size()) found.push_back("the header has operations that the library does not have");
    return found;
}

/** The number of differences that are found after a change to the operations. */
template <typename Change>
std::size_t differences_after(json operations, const std::string &header, Change change) {
    change(operations);
    return differences(operations, header).size();
}

void changes_are_found(const json &operations, const std::string &header) {
    const std::size_t count = operations.size();
    std::size_t found = differences_after(operations, header, [](json &all) {
        all.push_back(all.at(0));
        all.back()["name"] = "an_eleventh";
    });
    CHECK(found == 3, "an additional operation: %u", static_cast<unsigned>(found));
    found = differences_after(operations, header, [](json &all) { all.erase(all.size() - 1); });
    CHECK(found == 1, "a missing operation: %u", static_cast<unsigned>(found));
    found = differences_after(operations, header, [](json &all) {
        for (json &operation : all) operation["request"]["properties"]["later"] = {{"type", "string"}};
    });
    CHECK(found == count, "an additional key: %u", static_cast<unsigned>(found));
    found = differences_after(operations, header, [](json &all) {
        for (json &operation : all) {
            json &options = operation["request"]["properties"]["options"]["properties"];
            options.erase("max_retries");
            options["timeout_ms"]["type"] = "string";
        }
    });
    CHECK(found == 2 * count, "a missing key and a different type: %u", static_cast<unsigned>(found));
    found = differences_after(operations, header, [](json &all) {
        for (json &operation : all) operation["request"]["required"] = {"options"};
    });
    CHECK(found == count, "different required keys: %u", static_cast<unsigned>(found));
    CHECK(differences(operations, "").size() == 2 * count, "no methods");
}

/** The schema does not list configuration keys, so a client is created with all of them. */
void every_configuration_key_is_known() {
    Config config;
    config.api_key = "key";
    config.base_url = "http://127.0.0.1:1/";
    config.allow_http = false;
    config.timeout_ms = 1;
    config.connect_timeout_ms = 1;
    config.max_retries = 0;
    config.proxy = "";
    config.ca_file = "/none.pem";
    config.user_agent = "test/1";
    config.max_response_bytes = 1;
    config.ascii_json = false;
    const Result<Client> client = Client::create(config);
    CHECK(!client && client.error().message().find("ca_file") != std::string::npos, "%s",
          client ? "a client" : client.error().what());
    config.ca_file.reset();
    CHECK(Client::create(config).has_value(), "no client");
    CHECK(Shape::of<Config>().at("properties").size() == 11, "set every key of Config here: %s",
          Shape::of<Config>().dump().c_str());
}

} // namespace

int main(int argc, char **argv) {
    std::ifstream file(argc > 1 ? argv[1] : "include/upscope.hpp");
    const std::string header{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const json operations = json::parse(upscope::operations());
    for (const std::string &difference : differences(operations, header)) CHECK(false, "%s", difference.c_str());
    CHECK(operations.size() >= 11, "%u operations", static_cast<unsigned>(operations.size()));
    changes_are_found(operations, header);
    every_configuration_key_is_known();
    return checks_end(argv[0], 10);
}
