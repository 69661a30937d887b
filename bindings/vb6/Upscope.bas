Attribute VB_Name = "Upscope"
Option Explicit

' Client for the Upscope co-browsing REST API, for VB6 and VBA (Office 2010 and later, 32 and 64 bit).
'
' Needs upscope.dll of the same width as the program: beside the program, or in the folder given to UpscopeLoad.
' Requests and answers are JSON; text is Unicode throughout. A call waits, at most its timeout_ms; a form that must not
' wait starts it with UpscopeStart and asks from a timer with UpscopePoll.
' A call that fails raises error vbObjectError + status (the constants below); UpscopeLastError then has the error
' object's JSON, such as {"code": "not_found", "http_status": 404, "retryable": false, ...}.
' Clients, pages and started calls are numbers given out here; one that was freed raises error 5.

Public Const UPSCOPE_OK As Long = 0
Public Const UPSCOPE_INVALID_ARGUMENT As Long = 1
Public Const UPSCOPE_UNAUTHORIZED As Long = 2
Public Const UPSCOPE_PAYMENT_REQUIRED As Long = 3
Public Const UPSCOPE_NOT_FOUND As Long = 4
Public Const UPSCOPE_CONFLICT As Long = 5
Public Const UPSCOPE_RATE_LIMITED As Long = 6
Public Const UPSCOPE_SERVER_ERROR As Long = 7
Public Const UPSCOPE_HTTP_ERROR As Long = 8
Public Const UPSCOPE_TIMEOUT As Long = 9
Public Const UPSCOPE_CONNECTION As Long = 10
Public Const UPSCOPE_BAD_RESPONSE As Long = 11
Public Const UPSCOPE_CANCELLED As Long = 12
Public Const UPSCOPE_INTERNAL As Long = 13
Public Const UPSCOPE_DONE As Long = 100
Public Const UPSCOPE_PENDING As Long = 101

' Aliases, because the names in a DLL are told apart by capitals, which Visual Basic changes as it likes.
#If VBA7 Then
Private Declare PtrSafe Function NativeClientNew Lib "upscope.dll" Alias "upscope_w_client_new" _
    (ByVal Config As LongPtr, ByRef Client As LongPtr, ByRef ErrorText As LongPtr) As Long
Private Declare PtrSafe Sub NativeClientFree Lib "upscope.dll" Alias "upscope_w_client_free" _
    (ByVal Client As LongPtr)
Private Declare PtrSafe Function NativeCall Lib "upscope.dll" Alias "upscope_w_call" _
    (ByVal Client As LongPtr, ByVal Operation As LongPtr, ByVal Request As LongPtr, ByRef Response As LongPtr) As Long
Private Declare PtrSafe Function NativeParseWebhook Lib "upscope.dll" Alias "upscope_w_parse_webhook" _
    (ByVal Body As LongPtr, ByRef Session As LongPtr) As Long
Private Declare PtrSafe Function NativeSessionsOpen Lib "upscope.dll" Alias "upscope_w_sessions_open" _
    (ByVal Client As LongPtr, ByVal Request As LongPtr, ByRef Pages As LongPtr, ByRef ErrorText As LongPtr) As Long
Private Declare PtrSafe Function NativeSessionsNext Lib "upscope.dll" Alias "upscope_w_sessions_next" _
    (ByVal Pages As LongPtr, ByRef Page As LongPtr) As Long
Private Declare PtrSafe Function NativeSessionsStartNext Lib "upscope.dll" Alias "upscope_w_sessions_start_next" _
    (ByVal Pages As LongPtr, ByRef Pending As LongPtr, ByRef ErrorText As LongPtr) As Long
Private Declare PtrSafe Sub NativeSessionsFree Lib "upscope.dll" Alias "upscope_w_sessions_free" _
    (ByVal Pages As LongPtr)
Private Declare PtrSafe Function NativeStart Lib "upscope.dll" Alias "upscope_w_start" _
    (ByVal Client As LongPtr, ByVal Operation As LongPtr, ByVal Request As LongPtr, ByRef Pending As LongPtr, ByRef ErrorText As LongPtr) As Long
Private Declare PtrSafe Function NativePendingWait Lib "upscope.dll" Alias "upscope_w_pending_wait" _
    (ByVal Pending As LongPtr, ByVal TimeoutMs As Long, ByRef Response As LongPtr) As Long
Private Declare PtrSafe Sub NativePendingCancel Lib "upscope.dll" Alias "upscope_w_pending_cancel" _
    (ByVal Pending As LongPtr)
Private Declare PtrSafe Sub NativePendingFree Lib "upscope.dll" Alias "upscope_w_pending_free" _
    (ByVal Pending As LongPtr)
Private Declare PtrSafe Function NativeTextLength Lib "upscope.dll" Alias "upscope_w_text_length" _
    (ByVal Text As LongPtr) As Long
Private Declare PtrSafe Function NativeTextCopy Lib "upscope.dll" Alias "upscope_w_text_copy" _
    (ByVal Text As LongPtr, ByVal Buffer As LongPtr, ByVal Units As Long) As Long
Private Declare PtrSafe Sub NativeTextFree Lib "upscope.dll" Alias "upscope_w_text_free" _
    (ByVal Text As LongPtr)
Private Declare PtrSafe Function NativeAbout Lib "upscope.dll" Alias "upscope_w_about" _
    (ByVal What As Long, ByRef Text As LongPtr) As Long
Private Declare PtrSafe Function NativeLoad Lib "kernel32" Alias "LoadLibraryW" _
    (ByVal FileName As LongPtr) As LongPtr
#Else
Private Declare Function NativeClientNew Lib "upscope.dll" Alias "upscope_w_client_new" _
    (ByVal Config As Long, ByRef Client As Long, ByRef ErrorText As Long) As Long
Private Declare Sub NativeClientFree Lib "upscope.dll" Alias "upscope_w_client_free" _
    (ByVal Client As Long)
Private Declare Function NativeCall Lib "upscope.dll" Alias "upscope_w_call" _
    (ByVal Client As Long, ByVal Operation As Long, ByVal Request As Long, ByRef Response As Long) As Long
Private Declare Function NativeParseWebhook Lib "upscope.dll" Alias "upscope_w_parse_webhook" _
    (ByVal Body As Long, ByRef Session As Long) As Long
Private Declare Function NativeSessionsOpen Lib "upscope.dll" Alias "upscope_w_sessions_open" _
    (ByVal Client As Long, ByVal Request As Long, ByRef Pages As Long, ByRef ErrorText As Long) As Long
Private Declare Function NativeSessionsNext Lib "upscope.dll" Alias "upscope_w_sessions_next" _
    (ByVal Pages As Long, ByRef Page As Long) As Long
Private Declare Function NativeSessionsStartNext Lib "upscope.dll" Alias "upscope_w_sessions_start_next" _
    (ByVal Pages As Long, ByRef Pending As Long, ByRef ErrorText As Long) As Long
Private Declare Sub NativeSessionsFree Lib "upscope.dll" Alias "upscope_w_sessions_free" _
    (ByVal Pages As Long)
Private Declare Function NativeStart Lib "upscope.dll" Alias "upscope_w_start" _
    (ByVal Client As Long, ByVal Operation As Long, ByVal Request As Long, ByRef Pending As Long, ByRef ErrorText As Long) As Long
Private Declare Function NativePendingWait Lib "upscope.dll" Alias "upscope_w_pending_wait" _
    (ByVal Pending As Long, ByVal TimeoutMs As Long, ByRef Response As Long) As Long
Private Declare Sub NativePendingCancel Lib "upscope.dll" Alias "upscope_w_pending_cancel" _
    (ByVal Pending As Long)
Private Declare Sub NativePendingFree Lib "upscope.dll" Alias "upscope_w_pending_free" _
    (ByVal Pending As Long)
Private Declare Function NativeTextLength Lib "upscope.dll" Alias "upscope_w_text_length" _
    (ByVal Text As Long) As Long
Private Declare Function NativeTextCopy Lib "upscope.dll" Alias "upscope_w_text_copy" _
    (ByVal Text As Long, ByVal Buffer As Long, ByVal Units As Long) As Long
Private Declare Sub NativeTextFree Lib "upscope.dll" Alias "upscope_w_text_free" _
    (ByVal Text As Long)
Private Declare Function NativeAbout Lib "upscope.dll" Alias "upscope_w_about" _
    (ByVal What As Long, ByRef Text As Long) As Long
Private Declare Function NativeLoad Lib "kernel32" Alias "LoadLibraryW" _
    (ByVal FileName As Long) As Long
#End If

' What a number stands for.
Private Const KIND_FREE As Long = 0
Private Const KIND_CLIENT As Long = 1
Private Const KIND_PAGES As Long = 2
Private Const KIND_PENDING As Long = 3

#If VBA7 Then
Private mHandles() As LongPtr
' Where the library puts a text and a handle.
Private mText As LongPtr
Private mMade As LongPtr
#Else
Private mHandles() As Long
Private mText As Long
Private mMade As Long
#End If
Private mKinds() As Long
Private mCount As Long
Private mLastError As String

' ---- clients -------------------------------------------------------------------------------------------------------

' Has upscope.dll loaded from this folder. Needed where it is not beside the program, as in a workbook:
' UpscopeLoad ThisWorkbook.Path
Public Sub UpscopeLoad(ByVal Folder As String)
    Dim FileName As String
    FileName = Folder & "\upscope.dll"
    If NativeLoad(StrPtr(FileName)) = 0 Then
        Err.Raise 53, "Upscope", FileName & " cannot be loaded: it is not there, or not of this program's width " & _
            "(32 or 64 bit)."
    End If
End Sub

' Makes a client. ConfigJson: settings such as {"api_key": "...", "timeout_ms": 5000}; without them the key comes from
' the environment variable UPSCOPE_API_KEY. Make one and keep it.
Public Function UpscopeNew(Optional ByVal ConfigJson As String = "") As Long
    Dim Status As Long
    RefuseNul ConfigJson, "The configuration"
    mMade = 0
    mText = 0
    Status = NativeClientNew(Given(ConfigJson), mMade, mText)
    If Status <> UPSCOPE_OK Then Fail Status, Taken()
    UpscopeNew = Kept(mMade, KIND_CLIENT)
End Function

' Frees a client. Started calls and walks go on.
Public Sub UpscopeFree(ByVal Client As Long)
    CheckNumber Client, KIND_CLIENT
    NativeClientFree mHandles(Client)
    Forget Client
End Sub

' The JSON of the error that was raised last: its members are code, status, message, operation, http_status, api_error,
' api_message, request_id, attempts, retryable, retry_after_ms and may_have_applied.
Public Function UpscopeLastError() As String
    UpscopeLastError = mLastError
End Function

' The library's version, such as 0.1.0.
Public Function UpscopeVersion() As String
    UpscopeVersion = About(1)
End Function

' All operations, with the JSON Schema of their requests.
Public Function UpscopeOperations() As String
    UpscopeOperations = About(2)
End Function

' ---- operations ----------------------------------------------------------------------------------------------------

' Any operation by its name, JSON in and JSON out.
Public Function UpscopeCall(ByVal Client As Long, ByVal Operation As String, _
    Optional ByVal RequestJson As String = "") As String
    Dim Status As Long
    Dim Answer As String
    CheckNumber Client, KIND_CLIENT
    RefuseNul Operation, "The operation"
    RefuseNul RequestJson, "The request"
    mText = 0
    Status = NativeCall(mHandles(Client), StrPtr(Operation), Given(RequestJson), mText)
    Answer = Taken()
    If Status <> UPSCOPE_OK Then Fail Status, Answer
    UpscopeCall = Answer
End Function

' The account's usage statistics: {"usage": ...}.
Public Function UpscopeGetUsage(ByVal Client As Long) As String
    UpscopeGetUsage = UpscopeCall(Client, "get_usage")
End Function

' Visitors: {"visitors": [...]}. Search: free text, an e-mail address, online, -online, ip:1.1.1.1, id: and a unique
' id, a four-digit lookup code, # and a tag, integration_id:; empty for the latest. MaxResults: 1 to 10; 1 is fastest.
Public Function UpscopeListVisitors(ByVal Client As Long, Optional ByVal Search As String = "", _
    Optional ByVal MaxResults As Long = 0) As String
    Dim Request As String
    AddText Request, "search", Search
    If MaxResults <> 0 Then AddJson Request, "max_results", CStr(MaxResults)
    UpscopeListVisitors = UpscopeCall(Client, "list_visitors", Closed(Request))
End Function

' One visitor, by the short id: {"visitor": ...}.
Public Function UpscopeGetVisitor(ByVal Client As Long, ByVal VisitorId As String) As String
    UpscopeGetVisitor = UpscopeCall(Client, "get_visitor", OfVisitor(VisitorId))
End Function

' A link with which an agent starts a session: {"watch_url": ...}. Who holds it sees the screen: open it at once, and
' store it nowhere. MoreJson: an object with further keys, such as {"permissions": {"allow_click": false}}.
Public Function UpscopeCreateWatchUrl(ByVal Client As Long, ByVal VisitorId As String, ByVal AgentId As String, _
    Optional ByVal AgentName As String = "", Optional ByVal MoreJson As String = "") As String
    Dim Request As String
    Dim Agent As String
    Dim More As String
    AddJson Request, "visitor_id", UpscopeQuote(VisitorId)
    AddJson Agent, "id", UpscopeQuote(AgentId)
    AddText Agent, "name", AgentName
    AddJson Request, "agent", Closed(Agent)
    More = Trim$(MoreJson)
    If Len(More) > 0 Then
        If Left$(More, 1) <> "{" Or Right$(More, 1) <> "}" Then Err.Raise 5, "Upscope", "MoreJson is no JSON object."
        More = Trim$(Mid$(More, 2, Len(More) - 2))
        If Len(More) > 0 Then Request = Request & "," & More
    End If
    UpscopeCreateWatchUrl = UpscopeCall(Client, "create_watch_url", Closed(Request))
End Function

' Stops the visitor's active session.
Public Function UpscopeStopSession(ByVal Client As Long, ByVal VisitorId As String) As String
    UpscopeStopSession = UpscopeCall(Client, "stop_session", OfVisitor(VisitorId))
End Function

' Deletes one visitor; raises UPSCOPE_CONFLICT when they are online.
Public Function UpscopeDeleteVisitor(ByVal Client As Long, ByVal VisitorId As String) As String
    UpscopeDeleteVisitor = UpscopeCall(Client, "delete_visitor", OfVisitor(VisitorId))
End Function

' Deletes every visitor who is not online. All: True, to confirm.
Public Function UpscopeDeleteAllVisitors(ByVal Client As Long, ByVal All As Boolean) As String
    If All Then
        UpscopeDeleteAllVisitors = UpscopeCall(Client, "delete_all_visitors", "{""all"":true}")
    Else
        UpscopeDeleteAllVisitors = UpscopeCall(Client, "delete_all_visitors", "{""all"":false}")
    End If
End Function

' An agent, by one of both: {"agent": ...}.
Public Function UpscopeLookupAgent(ByVal Client As Long, Optional ByVal Email As String = "", _
    Optional ByVal ExternalId As String = "") As String
    Dim Request As String
    AddText Request, "email", Email
    AddText Request, "external_id", ExternalId
    UpscopeLookupAgent = UpscopeCall(Client, "lookup_agent", Closed(Request))
End Function

' One page of sessions, from first to last. UpdatedAfter: RFC 3339 with its offset. UpscopeSessionsOpen goes through all.
Public Function UpscopeListSessions(ByVal Client As Long, Optional ByVal AfterId As String = "", _
    Optional ByVal BeforeId As String = "", Optional ByVal OngoingOnly As Boolean = False, _
    Optional ByVal UpdatedAfter As String = "") As String
    Dim Request As String
    AddText Request, "before_id", BeforeId
    AddText Request, "after_id", AfterId
    If OngoingOnly Then AddJson Request, "ongoing_only", "true"
    AddText Request, "updated_after", UpdatedAfter
    UpscopeListSessions = UpscopeCall(Client, "list_sessions", Closed(Request))
End Function

' Authorizes a session on an on-premise server: {"authorized": ..., "token": ...}; treat the token as a password.
Public Function UpscopeAuthorizeOnpremiseSession(ByVal Client As Long, ByVal VisitorId As String, _
    ByVal AgentId As String, ByVal AgentName As String) As String
    UpscopeAuthorizeOnpremiseSession = UpscopeCall(Client, "authorize_onpremise_session", "{""visitor_id"":" & _
        UpscopeQuote(VisitorId) & ",""agent"":{""id"":" & UpscopeQuote(AgentId) & ",""name"":" & _
        UpscopeQuote(AgentName) & "}}")
End Function

' Any request below the base URL. Method: GET, POST, PUT, PATCH or DELETE. Path: such as /usage.
Public Function UpscopeRequest(ByVal Client As Long, ByVal Method As String, ByVal Path As String, _
    Optional ByVal QueryJson As String = "", Optional ByVal BodyJson As String = "") As String
    Dim Request As String
    AddJson Request, "method", UpscopeQuote(Method)
    AddJson Request, "path", UpscopeQuote(Path)
    If Len(QueryJson) > 0 Then AddJson Request, "query", QueryJson
    If Len(BodyJson) > 0 Then AddJson Request, "body", BodyJson
    UpscopeRequest = UpscopeCall(Client, "request", Closed(Request))
End Function

' The session of a webhook's body: its JSON. Only its id is sure; whoever knows the URL can post to it.
Public Function UpscopeParseWebhook(ByVal Body As String) As String
    Dim Status As Long
    Dim Session As String
    RefuseNul Body, "The webhook's body"
    mText = 0
    Status = NativeParseWebhook(StrPtr(Body), mText)
    Session = Taken()
    If Status <> UPSCOPE_OK Then Fail Status, Session
    UpscopeParseWebhook = Session
End Function

' ---- started calls -------------------------------------------------------------------------------------------------

' Starts a call and returns at once. Ask for its end from a timer with UpscopePoll, then free it.
Public Function UpscopeStart(ByVal Client As Long, ByVal Operation As String, _
    Optional ByVal RequestJson As String = "") As Long
    Dim Status As Long
    CheckNumber Client, KIND_CLIENT
    RefuseNul Operation, "The operation"
    RefuseNul RequestJson, "The request"
    mMade = 0
    mText = 0
    Status = NativeStart(mHandles(Client), StrPtr(Operation), Given(RequestJson), mMade, mText)
    If Status <> UPSCOPE_OK Then Fail Status, Taken()
    UpscopeStart = Kept(mMade, KIND_PENDING)
End Function

' Whether the call has ended, and then its answer; empty after the last page. Raises what the call itself would raise.
Public Function UpscopePoll(ByVal Pending As Long, ByRef Answer As String) As Boolean
    UpscopePoll = UpscopeWait(Pending, 0, Answer)
End Function

' The same, and waits at most so many milliseconds.
Public Function UpscopeWait(ByVal Pending As Long, ByVal TimeoutMs As Long, ByRef Answer As String) As Boolean
    Dim Status As Long
    Dim Found As String
    CheckNumber Pending, KIND_PENDING
    mText = 0
    Status = NativePendingWait(mHandles(Pending), TimeoutMs, mText)
    Found = Taken()
    Answer = ""
    If Status = UPSCOPE_PENDING Then Exit Function
    If Status <> UPSCOPE_OK And Status <> UPSCOPE_DONE Then Fail Status, Found
    Answer = Found
    UpscopeWait = True
End Function

' Ends the call with UPSCOPE_CANCELLED, unless it has ended already.
Public Sub UpscopeCancel(ByVal Pending As Long)
    CheckNumber Pending, KIND_PENDING
    NativePendingCancel mHandles(Pending)
End Sub

' Lets go of the call, which is cancelled if it still runs. Does not wait.
Public Sub UpscopePendingFree(ByVal Pending As Long)
    CheckNumber Pending, KIND_PENDING
    NativePendingFree mHandles(Pending)
    Forget Pending
End Sub

' ---- pages of sessions ---------------------------------------------------------------------------------------------

' Begins a walk through all pages. Nothing is sent yet. RequestJson: keys as of list_sessions.
Public Function UpscopeSessionsOpen(ByVal Client As Long, Optional ByVal RequestJson As String = "") As Long
    Dim Status As Long
    CheckNumber Client, KIND_CLIENT
    RefuseNul RequestJson, "The request"
    mMade = 0
    mText = 0
    Status = NativeSessionsOpen(mHandles(Client), Given(RequestJson), mMade, mText)
    If Status <> UPSCOPE_OK Then Fail Status, Taken()
    UpscopeSessionsOpen = Kept(mMade, KIND_PAGES)
End Function

' Fetches the next page; False after the last. After an error the same page can be asked for again.
Public Function UpscopeSessionsNext(ByVal Pages As Long, ByRef Page As String) As Boolean
    Dim Status As Long
    Dim Found As String
    CheckNumber Pages, KIND_PAGES
    mText = 0
    Status = NativeSessionsNext(mHandles(Pages), mText)
    Found = Taken()
    Page = ""
    If Status = UPSCOPE_DONE Then Exit Function
    If Status <> UPSCOPE_OK Then Fail Status, Found
    Page = Found
    UpscopeSessionsNext = True
End Function

' Starts to fetch it instead of waiting, as UpscopeStart does.
Public Function UpscopeSessionsStartNext(ByVal Pages As Long) As Long
    Dim Status As Long
    CheckNumber Pages, KIND_PAGES
    mMade = 0
    mText = 0
    Status = NativeSessionsStartNext(mHandles(Pages), mMade, mText)
    If Status <> UPSCOPE_OK Then Fail Status, Taken()
    UpscopeSessionsStartNext = Kept(mMade, KIND_PENDING)
End Function

' Ends a walk.
Public Sub UpscopeSessionsFree(ByVal Pages As Long)
    CheckNumber Pages, KIND_PAGES
    NativeSessionsFree mHandles(Pages)
    Forget Pages
End Sub

' ---- JSON ----------------------------------------------------------------------------------------------------------

' What is at a path of names and, from 0, numbers of items, such as visitors.0.name: a text decoded, a number or boolean
' as written, an object or array as JSON. Fallback: what to give when there is no such value, or null.
Public Function UpscopeJson(ByRef Json As String, ByVal Path As String, Optional ByVal Fallback As String = "") As String
    Dim At As Long
    Dim Last As Long
    UpscopeJson = Fallback
    At = Located(Json, Path)
    If At = 0 Then Exit Function
    If Mid$(Json, At, 1) = """" Then
        UpscopeJson = TextAt(Json, At)
    Else
        Last = At
        SkipValue Json, Last
        If Mid$(Json, At, Last - At) <> "null" Then UpscopeJson = Mid$(Json, At, Last - At)
    End If
End Function

' How many items an array or members an object has; 0 when there is none at the path.
Public Function UpscopeJsonCount(ByRef Json As String, ByVal Path As String) As Long
    Dim At As Long
    Dim Closing As String
    At = Located(Json, Path)
    If At = 0 Then Exit Function
    Select Case Mid$(Json, At, 1)
        Case "[": Closing = "]"
        Case "{": Closing = "}"
        Case Else: Exit Function
    End Select
    At = At + 1
    SkipSpace Json, At
    Do While At <= Len(Json) And Mid$(Json, At, 1) <> Closing
        If Closing = "}" Then SkipName Json, At
        SkipValue Json, At
        UpscopeJsonCount = UpscopeJsonCount + 1
        SkipComma Json, At
    Loop
End Function

' A text as JSON, with its quotes.
Public Function UpscopeQuote(ByVal Text As String) As String
    Dim At As Long
    Dim Code As Long
    Dim Quoted As String
    Quoted = Replace(Replace(Text, "\", "\\"), """", "\""")
    For At = Len(Quoted) To 1 Step -1
        Code = AscW(Mid$(Quoted, At, 1))
        If Code >= 0 And Code < 32 Then
            Quoted = Left$(Quoted, At - 1) & "\u" & Right$("000" & Hex$(Code), 4) & Mid$(Quoted, At + 1)
        End If
    Next
    UpscopeQuote = """" & Quoted & """"
End Function

' Where the value at the path begins; 0 if there is none. The text is a JSON value.
Private Function Located(ByRef Json As String, ByVal Path As String) As Long
    Dim At As Long
    Dim Dot As Long
    Dim Part As String
    At = 1
    SkipSpace Json, At
    If At > Len(Json) Then Exit Function
    Do While Len(Path) > 0
        Dot = InStr(Path, ".")
        If Dot = 0 Then Dot = Len(Path) + 1
        Part = Left$(Path, Dot - 1)
        Path = Mid$(Path, Dot + 1)
        Select Case Mid$(Json, At, 1)
            Case "{": At = MemberAt(Json, At, Part)
            Case "[": At = ItemAt(Json, At, Part)
            Case Else: At = 0
        End Select
        If At = 0 Then Exit Function
    Loop
    If At <= Len(Json) Then Located = At
End Function

Private Function MemberAt(ByRef Json As String, ByVal At As Long, ByRef Key As String) As Long
    Dim Found As String
    At = At + 1
    SkipSpace Json, At
    Do While At <= Len(Json) And Mid$(Json, At, 1) = """"
        Found = TextAt(Json, At)
        SkipName Json, At
        If StrComp(Found, Key, vbBinaryCompare) = 0 Then
            MemberAt = At
            Exit Function
        End If
        SkipValue Json, At
        SkipComma Json, At
    Loop
End Function

Private Function ItemAt(ByRef Json As String, ByVal At As Long, ByRef Number As String) As Long
    Dim Index As Long
    If Len(Number) = 0 Or Len(Number) > 8 Or Number Like "*[!0-9]*" Then Exit Function
    At = At + 1
    SkipSpace Json, At
    For Index = 1 To CLng(Number)
        If At > Len(Json) Or Mid$(Json, At, 1) = "]" Then Exit Function
        SkipValue Json, At
        SkipComma Json, At
    Next
    If At <= Len(Json) And Mid$(Json, At, 1) <> "]" Then ItemAt = At
End Function

' The text whose opening quote is there. Halves of surrogate pairs stay side by side, so letters stay whole.
Private Function TextAt(ByRef Json As String, ByVal At As Long) As String
    Dim Quote As Long
    Dim Slash As Long
    Dim Text As String
    At = At + 1
    Do
        Quote = InStr(At, Json, """")
        If Quote = 0 Then Exit Do
        Slash = InStr(At, Json, "\")
        If Slash = 0 Or Slash > Quote Then
            TextAt = Text & Mid$(Json, At, Quote - At)
            Exit Function
        End If
        Text = Text & Mid$(Json, At, Slash - At)
        At = Slash + 2
        Select Case Mid$(Json, Slash + 1, 1)
            Case "b": Text = Text & ChrW$(8)
            Case "f": Text = Text & ChrW$(12)
            Case "n": Text = Text & ChrW$(10)
            Case "r": Text = Text & ChrW$(13)
            Case "t": Text = Text & ChrW$(9)
            Case "u"
                Text = Text & ChrW$(CLng("&H" & Mid$(Json, At, 4) & "&"))
                At = At + 4
            Case Else: Text = Text & Mid$(Json, Slash + 1, 1)
        End Select
    Loop
    TextAt = Text
End Function

Private Sub SkipSpace(ByRef Json As String, ByRef At As Long)
    Do While At <= Len(Json)
        Select Case AscW(Mid$(Json, At, 1))
            Case 32, 9, 10, 13: At = At + 1
            Case Else: Exit Sub
        End Select
    Loop
End Sub

Private Sub SkipComma(ByRef Json As String, ByRef At As Long)
    SkipSpace Json, At
    If Mid$(Json, At, 1) = "," Then At = At + 1
    SkipSpace Json, At
End Sub

Private Sub SkipName(ByRef Json As String, ByRef At As Long)
    SkipText Json, At
    SkipSpace Json, At
    If Mid$(Json, At, 1) = ":" Then At = At + 1
    SkipSpace Json, At
End Sub

Private Sub SkipText(ByRef Json As String, ByRef At As Long)
    Dim Quote As Long
    Dim Slash As Long
    At = At + 1
    Do
        Quote = InStr(At, Json, """")
        If Quote = 0 Then
            At = Len(Json) + 1
            Exit Sub
        End If
        Slash = InStr(At, Json, "\")
        If Slash = 0 Or Slash > Quote Then
            At = Quote + 1
            Exit Sub
        End If
        At = Slash + 2
    Loop
End Sub

Private Sub SkipValue(ByRef Json As String, ByRef At As Long)
    Dim Depth As Long
    Do While At <= Len(Json)
        Select Case Mid$(Json, At, 1)
            Case """": SkipText Json, At
            Case "{", "["
                Depth = Depth + 1
                At = At + 1
            Case "}", "]"
                If Depth = 0 Then Exit Sub
                Depth = Depth - 1
                At = At + 1
            Case ","
                If Depth = 0 Then Exit Sub
                At = At + 1
            Case ":", " ", vbTab, vbCr, vbLf
                If Depth = 0 Then Exit Sub
                At = At + 1
            Case Else
                Do While At <= Len(Json)
                    If InStr(",:]} " & vbTab & vbCr & vbLf, Mid$(Json, At, 1)) > 0 Then Exit Do
                    At = At + 1
                Loop
        End Select
        If Depth = 0 Then Exit Sub
    Loop
End Sub

' ---- within this module --------------------------------------------------------------------------------------------

' The text that the library put into mText, which is given back.
Private Function Taken() As String
    Dim Units As Long
    Dim Text As String
    Units = NativeTextLength(mText)
    If Units > 0 Then
        Text = String$(Units, vbNullChar)
        NativeTextCopy mText, StrPtr(Text), Units
    End If
    NativeTextFree mText
    mText = 0
    Taken = Text
End Function

' A text that may be left out.
#If VBA7 Then
Private Function Given(ByRef Text As String) As LongPtr
#Else
Private Function Given(ByRef Text As String) As Long
#End If
    If Len(Text) > 0 Then Given = StrPtr(Text)
End Function

' The library would read up to a NUL and take a part for the whole.
Private Sub RefuseNul(ByRef Text As String, ByVal What As String)
    If InStr(Text, vbNullChar) > 0 Then
        Fail UPSCOPE_INVALID_ARGUMENT, "{""error"":{""code"":""invalid_argument"",""status"":1,""message"":""" & What & _
            " holds a NUL character."",""operation"":null,""http_status"":null,""api_error"":null," & _
            """api_message"":null,""request_id"":null,""attempts"":0,""retryable"":false,""retry_after_ms"":null,""may_have_applied"":false}}"
    End If
End Sub

Private Sub Fail(ByVal Status As Long, ByRef ErrorJson As String)
    mLastError = UpscopeJson(ErrorJson, "error")
    Err.Raise vbObjectError + Status, "Upscope", _
        UpscopeJson(ErrorJson, "error.message", "The library gave no error object.")
End Sub

Private Function About(ByVal What As Long) As String
    mText = 0
    If NativeAbout(What, mText) = UPSCOPE_OK Then About = Taken()
End Function

' A number for a handle. What was freed is not used again before 1024 were given out, so that a wrong one is noticed.
#If VBA7 Then
Private Function Kept(ByVal Handle As LongPtr, ByVal Kind As Long) As Long
#Else
Private Function Kept(ByVal Handle As Long, ByVal Kind As Long) As Long
#End If
    Dim Number As Long
    If mCount = 0 Then
        ReDim mHandles(1 To 64)
        ReDim mKinds(1 To 64)
    End If
    If mCount >= 1024 Then
        For Number = 1 To mCount
            If mKinds(Number) = KIND_FREE Then Exit For
        Next
    Else
        Number = mCount + 1
    End If
    If Number > mCount Then
        mCount = Number
        If mCount > UBound(mKinds) Then
            ReDim Preserve mHandles(1 To 2 * UBound(mKinds))
            ReDim Preserve mKinds(1 To UBound(mHandles))
        End If
    End If
    mHandles(Number) = Handle
    mKinds(Number) = Kind
    Kept = Number
End Function

Private Sub Forget(ByVal Number As Long)
    mHandles(Number) = 0
    mKinds(Number) = KIND_FREE
End Sub

Private Sub CheckNumber(ByVal Number As Long, ByVal Kind As Long)
    Dim Fits As Boolean
    If Number >= 1 And Number <= mCount Then Fits = (mKinds(Number) = Kind)
    If Not Fits Then Err.Raise 5, "Upscope", "This number stands for nothing of this kind, or for what was freed."
End Sub

Private Function OfVisitor(ByRef VisitorId As String) As String
    OfVisitor = "{""visitor_id"":" & UpscopeQuote(VisitorId) & "}"
End Function

Private Sub AddJson(ByRef Request As String, ByVal Key As String, ByVal Json As String)
    If Len(Request) = 0 Then Request = "{" Else Request = Request & ","
    Request = Request & """" & Key & """:" & Json
End Sub

Private Sub AddText(ByRef Request As String, ByVal Key As String, ByRef Text As String)
    If Len(Text) > 0 Then AddJson Request, Key, UpscopeQuote(Text)
End Sub

Private Function Closed(ByRef Request As String) As String
    If Len(Request) = 0 Then Closed = "{}" Else Closed = Request & "}"
End Function
