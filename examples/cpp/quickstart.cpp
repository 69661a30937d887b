// Finds the visitor who reads out a lookup code: UPSCOPE_API_KEY=... ./quickstart 0042

#include <iostream>
#include <upscope.hpp>

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    try {
        const upscope::Client client; // the key comes from UPSCOPE_API_KEY
        const upscope::Answer found = client.list_visitors({argv[1], 1});
        std::cout << found.text() << '\n'; // where nlohmann-json is installed, found.parsed() is a nlohmann::json
        return 0;
    } catch (const upscope::UnauthorizedError &error) {
        std::cerr << "the key is wrong: " << error.message() << '\n';
    } catch (const upscope::Error &error) {
        std::cerr << error.code() << ": " << error.message() << '\n';
    }
    return 1;
}
