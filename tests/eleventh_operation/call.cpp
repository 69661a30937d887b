#include <iostream>
#include <upscope.hpp>

int main() {
    const upscope::Client client;
    upscope::RenameVisitor request;
    request.visitor_id = "1234";
    request.name = "Ann Lee";
    request.renamer.id = "7";
    request.reason = "She asked for it.";
    std::cout << client.rename_visitor(request).text() << '\n';
}
