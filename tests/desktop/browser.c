/* A browser for the Windows tests: browser.exe FILE LINK writes the link to the file. */

#include <windows.h>

#include <shellapi.h>
#include <stdio.h>

int WINAPI WinMain(HINSTANCE program, HINSTANCE before, LPSTR line, int how)
{
    WCHAR part[MAX_PATH];
    int count;
    WCHAR **words = CommandLineToArgvW(GetCommandLineW(), &count);
    FILE *file;

    (void)program;
    (void)before;
    (void)line;
    (void)how;
    if (words == NULL || count != 3 || lstrlenW(words[1]) > MAX_PATH - 10) return 2;
    wsprintfW(part, L"%s.part", words[1]);
    file = _wfopen(part, L"wb");
    if (file == NULL) return 1;
    fprintf(file, "%ls", words[2]);
    return fclose(file) == 0 && MoveFileExW(part, words[1], MOVEFILE_REPLACE_EXISTING) ? 0 : 1;
}
