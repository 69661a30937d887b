Option Explicit

' Tests the functions of Upscope.bas that do not need the DLL, in LibreOffice Basic, which is similar to Visual Basic and
' runs on other systems than Windows. Writes the failures to the file in UPSCOPE_PROOF, and finally "ended".

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

Private Sub Same(ByVal Actual As String, ByVal Expected As String, ByVal What As String)
    mChecks = mChecks + 1
    If Actual = Expected Then Exit Sub
    mFailures = mFailures + 1
    Print #mFile, "FAILED: " & What & ": " & Codes(Actual) & " instead of " & Codes(Expected)
End Sub

' The output is ASCII, so that its encoding does not matter.
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
    Same UpscopeJson(Json, "visitors.2", "none"), "none", "after the last item"
    Same UpscopeJson(Json, "visitors.x", "none"), "none", "not a number"
    Same UpscopeJson(Json, "visitors.0.tags.0", "none"), "none", "in an empty array"
    Same UpscopeJson(Json, "visitors.0.short_id.0", "none"), "none", "in a string"
    Same UpscopeJson(Json, "ab"), "1", "an escaped name"
    Same UpscopeJson(Json, "Ab", "none"), "none", "another case"
    Same UpscopeJson(Json, "brackets"), "]}{["",\", "brackets in a string"
    Same UpscopeJson(Json, "deep.deeper.0"), "[1, [2 , 3]]", "an array as JSON"
    Same UpscopeJson(Json, "deep.deeper.0.1.1"), "3", "deep"
    Same UpscopeJson(Json, "deep.deeper.1"), "true", "true"
    Same UpscopeJson(Json, "deep.deeper.2"), "false", "false"
    Same UpscopeJson(Json, "fox"), Fox & "!", "a surrogate pair"
    Same UpscopeJson(Json, "raw"), Fox, "the same, not escaped"
    Same UpscopeJson(Json, "zoe"), Zoe, "an escaped character"
    Same UpscopeJson(Json, "esc"), "/" & Chr(8) & Chr(12) & Chr(10) & Chr(13) & Chr(9), "escapes"
    Same UpscopeJson(Json, "last"), "{}", "an empty object"
    Same UpscopeJson(Json, "nothing", "none"), "none", "a missing member"
    Same UpscopeJson("""x""", ""), "x", "only a string"
    Same UpscopeJson("", "a", "none"), "none", "empty JSON"
    Same UpscopeJson("{""a"":", "a", "none"), "none", "truncated JSON"
    Same CStr(UpscopeJsonCount(Json, "visitors")), "2", "items"
    Same CStr(UpscopeJsonCount(Json, "visitors.0")), "3", "members"
    Same CStr(UpscopeJsonCount(Json, "visitors.0.tags")), "0", "no items"
    Same CStr(UpscopeJsonCount(Json, "ab")), "0", "of a number"
    Same UpscopeQuote("a ""b"" \ " & Chr(10) & Chr(1) & Fox), """a \""b\"" \\ \u000A\u0001" & Fox & """", "quoted"
    Same UpscopeJson(UpscopeQuote("""\" & Chr(9) & Zoe & Fox), ""), """\" & Chr(9) & Zoe & Fox, "a round trip"
    Same UpscopeJson("{""k"":" & UpscopeQuote("") & "}", "k", "none"), "", "an empty text"
End Sub
