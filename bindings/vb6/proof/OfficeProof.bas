Option Explicit

' Tests Upscope.bas and the class modules with a sandbox, in LibreOffice Basic, which is similar to Visual Basic and runs on
' other systems than Windows. Writes the failures to the file in UPSCOPE_PROOF, and finally "ended". LibreOffice does not
' call Class_Terminate, so the tests call it.

Private mFile As Integer
Private mChecks As Long
Private mFailures As Long
Private mLostCheck As String

Sub Main
    mFile = FreeFile
    Open Environ("UPSCOPE_PROOF") For Output As #mFile
    On Error GoTo Failed
    CheckJson
    CheckFailures
    CheckModule
    CheckClasses
    CheckPage
    Print #mFile, "vb6 in LibreOffice: " & mChecks & " checks, " & mFailures & " failed"
    Print #mFile, "ended"
    Close #mFile
    Exit Sub
Failed:
    Print #mFile, "FAILED: error " & Err.Number & " after """ & mLostCheck & """: " & Err.Description
    Close #mFile
End Sub

Private Function Script(ByVal Name As String) As Object
    Set Script = CreateUnoService("com.sun.star.script.provider.MasterScriptProviderFactory").createScriptProvider("").getScript( _
        "vnd.sun.star.script:native_bridge.py$" & Name & "?language=Python&location=user")
End Function

' These replace what LibreOffice does not have; see office_proof.py and native_bridge.py.
Public Function ProofNative(ByVal Name As String, ByVal Values As Variant) As Variant
    ProofNative = Script("native").invoke(Array(Name, Values), Array(), Array())
End Function

Public Function ProofArgument(ByVal Value As Variant) As Long
    ProofArgument = Script("argument").invoke(Array(Value), Array(), Array())
End Function

Public Function ProofText(ByVal Number As Long) As String
    ProofText = Script("text").invoke(Array(Number), Array(), Array())
End Function

Private Function ProofCount(ByVal Name As String) As Long
    ProofCount = Script("count").invoke(Array(Name), Array(), Array())
End Function

Private Sub Same(ByVal Actual As String, ByVal Expected As String, ByVal What As String)
    mChecks = mChecks + 1
    mLostCheck = What
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

Private Sub CheckJson
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
    Same CStr(UpscopeJsonCount(Json, "visitors")), "2", "items"
    Same CStr(UpscopeJsonCount(Json, "visitors.0")), "0", "of an object"
    Same CStr(UpscopeJsonCount(Json, "visitors.7")), "0", "of nothing"
    Same CStr(UpscopeJsonCount("{""a"":""[1,2]"",""b"":{""0"":1},""c"":[7,null,8]}", "a")), "0", "of a string"
    Same CStr(UpscopeJsonCount("{""a"":""[1,2]"",""b"":{""0"":1},""c"":[7,null,8]}", "b")), "0", "of an object with a name 0"
    Same CStr(UpscopeJsonCount("{""a"":""[1,2]"",""b"":{""0"":1},""c"":[7,null,8]}", "c")), "1", "up to a null"
    Same CStr(UpscopeJsonCount(Json, "visitors.0.tags")), "0", "no items"
    Same CStr(UpscopeJsonCount(Json, "ab")), "0", "of a number"
    Same UpscopeJson(Json, "/visitors/1/short_id"), "V2", "a pointer"
    Same UpscopeJson("{""a/b"":{""~"":1}}", "a/b.~"), "1", "a path with a slash and a tilde"
    Same UpscopeJson("{""a.b"":1}", "/a.b"), "1", "a pointer with a dot"
    Same UpscopeJsonGet(Json, "/visitors/0/name", "none"), "none", "null at a pointer"
    Same UpscopeQuote("a ""b"" \ " & Chr(10) & Chr(1) & Fox), """a \""b\"" \\ \u000A\u0001" & Fox & """", "quoted"
    Same UpscopeJson(UpscopeQuote("""\" & Chr(9) & Zoe & Fox), ""), """\" & Chr(9) & Zoe & Fox, "a round trip"
    Same UpscopeJson("{""k"":" & UpscopeQuote("") & "}", "k", "none"), "", "an empty text"
    Same UpscopeJsonBuild("list_visitors", "search", """" & Fox, "max_results", 2), "{""max_results"":2,""search"":""\""" & Fox & """}", _
        "a request"
    Same UpscopeJsonBuild("create_watch_url", "visitor_id", "V", "agent.id", "7", "permissions.allow_click", False), _
        "{""agent"":{""id"":""7""},""permissions"":{""allow_click"":false},""visitor_id"":""V""}", "a boolean in a request"
    Same UpscopeJsonBuild("get_usage"), "{}", "an empty request"
End Sub

' The number of the error of a call, which Attempt makes.
Private Function ErrorOf(ByVal What As String, ByVal Number As Long) As Long
    On Error GoTo Failed
    Attempt What, Number
    Exit Function
Failed:
    ErrorOf = Err.Number
End Function

Private Sub Attempt(ByVal What As String, ByVal Number As Long)
    Dim Text As String
    Select Case What
        Case "not JSON": Text = UpscopeJson("{""a"":", "a")
        Case "not a pointer": Text = UpscopeJsonGet("{}", "a")
        Case "no such field": Text = UpscopeJsonBuild("get_visitor", "visitor", "V")
        Case "a configuration": Number = UpscopeNew("{""apikey"":""x""}")
        Case "no such visitor": Text = UpscopeGetVisitor(Number, "nobody")
        Case "two values": Text = UpscopeRequest(Number, "GET", "/usage", "{},""path"":""/agent""")
        Case "not an object": Text = UpscopeCreateWatchUrl(Number, "V", "7", "", "[1]")
        Case "a string": Text = UpscopeCreateWatchUrl(Number, "V", "7", "", """{}""")
        Case "a key again": Text = UpscopeCreateWatchUrl(Number, "V", "7", "", "{""visitor_id"":""W""}")
        Case "free": UpscopeFree Number
        Case "pages": UpscopeSessionsFree Number
        Case "call": Text = UpscopeGetUsage(Number)
    End Select
End Sub

Private Sub CheckFailures
    Dim Client As Long
    Same CStr(UPSCOPE_ERROR_NOT_FOUND - UPSCOPE_ERROR_BASE), "4", "the number of an error"
    Same CStr(UPSCOPE_ERROR_BASE - (-2147221504) > 512), CStr(True), "errors are not in the reserved range"
    Same CStr(ErrorOf("not JSON", 0)), CStr(UPSCOPE_ERROR_INVALID_ARGUMENT), "truncated JSON"
    Same UpscopeJson(UpscopeLastError(), "code"), "invalid_argument", "the last error"
    Same CStr(ErrorOf("not a pointer", 0)), CStr(UPSCOPE_ERROR_INVALID_ARGUMENT), "a path for UpscopeJsonGet"
    Same CStr(ErrorOf("no such field", 0)), CStr(UPSCOPE_ERROR_INVALID_ARGUMENT), "an unknown field"
    Same CStr(ErrorOf("a configuration", 0)), CStr(UPSCOPE_ERROR_INVALID_ARGUMENT), "a wrong configuration"
    Client = UpscopeNew()
    Same CStr(ErrorOf("no such visitor", Client)), CStr(UPSCOPE_ERROR_NOT_FOUND), "not found"
    Same UpscopeJson(UpscopeLastError(), "http_status"), "404", "the error object"
    Same CStr(ErrorOf("two values", Client)), CStr(UPSCOPE_ERROR_INVALID_ARGUMENT), "JSON that adds a member"
    Same CStr(ErrorOf("not an object", Client)), "5", "MoreJson that is an array"
    Same CStr(ErrorOf("a string", Client)), "5", "MoreJson that is a string"
    Same CStr(ErrorOf("a key again", Client)), CStr(UPSCOPE_ERROR_INVALID_ARGUMENT), "MoreJson with a key of a parameter"
    Same CStr(ErrorOf("pages", Client)), "5", "a client is no iterator"
    Same CStr(ErrorOf("free", Client)), "0", "freed"
    Same CStr(ErrorOf("free", Client)), "5", "freed twice"
    Same CStr(ErrorOf("call", Client)), "5", "a freed client"
    UpscopeRelease Client
    Same CStr(Client), "0", "a released number"
    Same CStr(ProofCount("handles")), "0", "handles after the failures"
End Sub

' A visitor of the sandbox with a number.
Private Function VisitorId(ByVal Client As Long, ByVal Index As Long) As String
    VisitorId = UpscopeJson(UpscopeListVisitors(Client), "visitors." & Index & ".short_id")
End Function

Private Sub CheckModule
    Dim Client As Long
    Dim Id As String
    Dim Index As Long
    Dim First As Long
    Client = UpscopeNew()
    Id = VisitorId(Client, 0)
    Same UpscopeJson(UpscopeGetVisitor(Client, Id), "visitor.short_id"), Id, "a visitor"
    Same CStr(UpscopeJsonCount(UpscopeListVisitors(Client, "", 2), "visitors")), "2", "two visitors"
    Same Left(UpscopeJson(UpscopeCreateWatchUrl(Client, Id, "7", "A ""B"" \", " {""permissions"":{""allow_click"":false}} "), _
        "watch_url"), 4), "http", "a watch link"
    Same Left(UpscopeJson(UpscopeCreateWatchUrl(Client, Id, "7", "", "{ }"), "watch_url"), 4), "http", "an empty MoreJson"
    Same UpscopeJson(UpscopeRequest(Client, "GET", "/list", "{""search"":""id:x""}"), "status"), "ok", "a request"
    Same UpscopeJson(UpscopeConnectionInfo(Client), "base_url"), Environ("UPSCOPE_BASE_URL"), "the connection"
    First = Client
    For Index = 1 To 4095
        Client = UpscopeSessionsOpen(First)
        UpscopeSessionsFree Client
    Next
    Same CStr(ErrorOf("pages", Client)), "5", "a number that was freed"
    UpscopeFree First
    Same CStr(ProofCount("handles") + ProofCount("texts")), "0", "handles and texts after the module"
End Sub

Private Sub CheckClasses
    Dim Client As UpscopeClient
    Dim Found As UpscopeAnswer
    Dim Item As Variant
    Dim Ids As String
    Dim Pages As UpscopeSessionPages
    Dim Page As UpscopeAnswer
    Dim Started As UpscopeStartedCall
    Dim Count As Long
    Set Client = New UpscopeClient
    Same CStr(ProofCount("handles")), "0", "a client is created when it is used"
    Set Found = Client.ListVisitors("", 2)
    Same CStr(Found.Count("visitors")), "2", "visitors of a client"
    For Each Item In Found.Items("visitors")
        Ids = Ids & Item.Value("short_id") & " "
    Next
    Same Ids, Found.Value("visitors.0.short_id") & " " & Found.Value("visitors.1.short_id") & " ", "the items"
    Same Found.Value("visitors.9.name", "none"), "none", "no value"
    Same Client.CallOperation("list_visitors", UpscopeJsonBuild("list_visitors", "max_results", 2)).Text, Found.Text, _
        "an operation by name"
    Same Client.GetVisitor(Found.Value("visitors.0.short_id")).Value("visitor.short_id"), _
        Found.Value("visitors.0.short_id"), "one visitor"
    Same Left(Client.CreateWatchUrl(Found.Value("visitors.0.short_id"), "7", "Joe").Value("watch_url"), 4), "http", _
        "a watch link of a client"
    Same Client.ConnectionInfo().Value("base_url"), Environ("UPSCOPE_BASE_URL"), "the connection of a client"

    Set Started = Client.StartCall("get_usage")
    Same CStr(Started.WaitFor(10000, Found)), CStr(True), "a started call ends"
    Same Found.Value("status"), "ok", "its answer"
    Same CStr(Started.Poll(Found)), CStr(True), "the answer remains"

    ' An iterator and a started call continue after their client.
    Set Pages = Client.SessionPages()
    Client.Class_Terminate
    Client.Class_Terminate
    Set Client = Nothing
    Same CStr(ProofCount("handles")), "2", "only the client was freed"
    Do While Pages.NextPage(Page)
        Count = Count + Page.Count("cobrowsing_sessions")
    Loop
    Same CStr(Count > 0), CStr(True), "sessions after the client"
    Same CStr(Page Is Nothing), CStr(True), "no page after the last one"
    Pages.Class_Terminate
    Started.Class_Terminate
    Started.Class_Terminate
    Same CStr(ProofCount("handles")), "0", "everything was freed"

    Set Client = New UpscopeClient
    Client.Configure "{""timeout_ms"":5000}"
    Client.Configure "{""timeout_ms"":6000}"
    Same CStr(ProofCount("handles")), "1", "a new configuration frees the old client"
    Set Pages = Client.SessionPages()
    Set Started = Pages.StartNextPage()
    Same CStr(Started.WaitFor(10000, Found)), CStr(True), "a started page"
    Same CStr(Found.Count("cobrowsing_sessions") > 0), CStr(True), "its sessions"
    Client.CloseClient
    Same CStr(ErrorOfClient(Client)), CStr(UPSCOPE_ERROR_CANCELLED), "a closed client"
    Started.Class_Terminate
    Pages.Class_Terminate
    Client.Class_Terminate
    Same CStr(ProofCount("handles") + ProofCount("texts")), "0", "handles and texts after the classes"
End Sub

Private Function ErrorOfClient(ByVal Client As UpscopeClient) As Long
    Dim Found As UpscopeAnswer
    On Error GoTo Failed
    Set Found = Client.GetUsage()
    Exit Function
Failed:
    ErrorOfClient = Err.Number
End Function

' Reads five values of each session of a page, and reports how many calls of the library that needs.
Private Sub CheckPage
    Dim Client As Long
    Dim Page As String
    Dim Item As Variant
    Dim Key As Variant
    Dim Before As Long
    Dim Sessions As Long
    Dim Text As String
    Client = UpscopeNew()
    Page = UpscopeListSessions(Client)
    Before = ProofCount("upscope_w_json_get")
    For Each Item In UpscopeJsonItems(Page, "cobrowsing_sessions")
        Sessions = Sessions + 1
        For Each Key In Array("id", "agent_name", "visitor_id", "started_at", "length_seconds")
            Text = Text & UpscopeJson(Item, Key)
        Next
    Next
    Same CStr(Sessions > 0 And Len(Text) > 0), CStr(True), "the page was read"
    Print #mFile, "five values of " & Sessions & " sessions: " & ProofCount("upscope_w_json_get") - Before & " calls of upscope_json_get"
    UpscopeFree Client
End Sub
