Option Explicit

' Checks the functions of Upscope.bas that need no DLL, in LibreOffice Basic: its dialect is the nearest that runs
' elsewhere than on Windows. Writes what went wrong to the file of UPSCOPE_PROOF, and "ended" last.

Private mFile As Integer
Private mChecks As Long
Private mFailures As Long

Sub Main
    mFile = FreeFile
    Open Environ("UPSCOPE_PROOF") For Output As #mFile
    RunChecks
    Print #mFile, "vb6 json: " & mChecks & " checks, " & mFailures & " failed"
    Print #mFile, "ended"
    Close #mFile
End Sub

Private Sub Same(ByVal Found As String, ByVal Expected As String, ByVal What As String)
    mChecks = mChecks + 1
    If Found = Expected Then Exit Sub
    mFailures = mFailures + 1
    Print #mFile, "FAILED: " & What & ": " & Codes(Found) & " instead of " & Codes(Expected)
End Sub

' The file has no letters that an encoding could spoil.
Private Function Codes(ByVal Text As String) As String
    Dim At As Long
    For At = 1 To Len(Text)
        If AscW(Mid(Text, At, 1)) >= 32 And AscW(Mid(Text, At, 1)) < 127 Then
            Codes = Codes & Mid(Text, At, 1)
        Else
            Codes = Codes & "<" & Hex(AscW(Mid(Text, At, 1))) & ">"
        End If
    Next
End Function

Private Sub RunChecks
    Dim Json As String
    Dim Fox As String
    Dim Zoe As String
    Fox = ChrW(&HD83E&) & ChrW(&HDD8A&)
    Zoe = "Zo" & ChrW(&HEB&)
    Json = " {""visitors"" : [ {""short_id"":""V1"", ""tags"":[], ""name"":null}, {""short_id"":""V2"",""n"":-1.50e3} ]," & _
        Chr(10) & """a\u0062"": 1, ""brackets"": ""]}{[\"",\\"", ""deep"": {""deeper"": [[1, [2 , 3]], true, false]}," & _
        """fox"":""\ud83e\uDD8A!"",""raw"":""" & Fox & """,""zoe"":""Zo\u00eb"",""esc"":""\/\b\f\n\r\t"",""last"":{}} "
    Same UpscopeJson(Json, "visitors.0.short_id"), "V1", "a member of an item"
    Same UpscopeJson(Json, "visitors.1.short_id"), "V2", "the second item"
    Same UpscopeJson(Json, "visitors.1.n"), "-1.50e3", "a number as written"
    Same UpscopeJson(Json, "visitors.0.name", "none"), "none", "null"
    Same UpscopeJson(Json, "visitors.0.tags"), "[]", "an empty array"
    Same UpscopeJson(Json, "visitors.2", "none"), "none", "behind the end"
    Same UpscopeJson(Json, "visitors.x", "none"), "none", "no number"
    Same UpscopeJson(Json, "visitors.0.tags.0", "none"), "none", "in an empty array"
    Same UpscopeJson(Json, "visitors.0.short_id.0", "none"), "none", "within a text"
    Same UpscopeJson(Json, "ab"), "1", "an escaped name"
    Same UpscopeJson(Json, "Ab", "none"), "none", "capitals"
    Same UpscopeJson(Json, "brackets"), "]}{["",\", "brackets in a text"
    Same UpscopeJson(Json, "deep.deeper.0"), "[1, [2 , 3]]", "an array as JSON"
    Same UpscopeJson(Json, "deep.deeper.0.1.1"), "3", "deep"
    Same UpscopeJson(Json, "deep.deeper.1"), "true", "true"
    Same UpscopeJson(Json, "deep.deeper.2"), "false", "false"
    Same UpscopeJson(Json, "fox"), Fox & "!", "a letter in two halves"
    Same UpscopeJson(Json, "raw"), Fox, "the same unescaped"
    Same UpscopeJson(Json, "zoe"), Zoe, "another letter"
    Same UpscopeJson(Json, "esc"), "/" & Chr(8) & Chr(12) & Chr(10) & Chr(13) & Chr(9), "escapes"
    Same UpscopeJson(Json, "last"), "{}", "an empty object"
    Same UpscopeJson(Json, "nothing", "none"), "none", "no member"
    Same UpscopeJson("""x""", ""), "x", "a text alone"
    Same UpscopeJson("", "a", "none"), "none", "no text"
    Same UpscopeJson("{""a"":", "a", "none"), "none", "cut short"
    Same CStr(UpscopeJsonCount(Json, "visitors")), "2", "items"
    Same CStr(UpscopeJsonCount(Json, "visitors.0")), "3", "members"
    Same CStr(UpscopeJsonCount(Json, "visitors.0.tags")), "0", "no items"
    Same CStr(UpscopeJsonCount(Json, "ab")), "0", "of a number"
    Same UpscopeQuote("a ""b"" \ " & Chr(10) & Chr(1) & Fox), """a \""b\"" \\ \u000A\u0001" & Fox & """", "quoted"
    Same UpscopeJson(UpscopeQuote("""\" & Chr(9) & Zoe & Fox), ""), """\" & Chr(9) & Zoe & Fox, "there and back"
    Same UpscopeJson("{""k"":" & UpscopeQuote("") & "}", "k", "none"), "", "an empty text"
End Sub
