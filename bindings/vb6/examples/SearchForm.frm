VERSION 5.00
Begin VB.Form SearchForm
   Caption         =   "Visitors"
   ClientHeight    =   3600
   ClientLeft      =   60
   ClientTop       =   345
   ClientWidth     =   6000
   LinkTopic       =   "SearchForm"
   ScaleHeight     =   3600
   ScaleWidth      =   6000
   StartUpPosition =   3
   Begin VB.TextBox SearchBox
      Height          =   315
      Left            =   120
      TabIndex        =   0
      Top             =   120
      Width           =   4320
   End
   Begin VB.CommandButton SearchButton
      Caption         =   "Search"
      Default         =   -1
      Height          =   315
      Left            =   4560
      TabIndex        =   1
      Top             =   120
      Width           =   1320
   End
   Begin VB.ListBox VisitorList
      Height          =   2400
      Left            =   120
      TabIndex        =   2
      Top             =   600
      Width           =   5760
   End
   Begin VB.Label StatusLabel
      Height          =   315
      Left            =   120
      TabIndex        =   3
      Top             =   3180
      Width           =   5760
   End
   Begin VB.Timer PollTimer
      Enabled         =   0
      Interval        =   50
      Left            =   5400
      Top             =   3120
   End
End
Attribute VB_Name = "SearchForm"
Attribute VB_GlobalNameSpace = False
Attribute VB_Creatable = False
Attribute VB_PredeclaredId = True
Attribute VB_Exposed = False
Option Explicit

' Searches for visitors without blocking the form: starts the call, and polls it from a timer.

Private mClient As UpscopeClient
Private mSearch As UpscopeStartedCall

Private Sub Form_Load()
    On Error GoTo Failed
    Set mClient = New UpscopeClient
    mClient.Configure "{""timeout_ms"":10000}"
    Exit Sub
Failed:
    StatusLabel.Caption = Err.Description
End Sub

Private Sub SearchButton_Click()
    On Error GoTo Failed
    EndSearch
    Set mSearch = mClient.StartCall("list_visitors", UpscopeJsonBuild("list_visitors", "search", SearchBox.Text))
    StatusLabel.Caption = "Searching..."
    PollTimer.Enabled = True
    Exit Sub
Failed:
    StatusLabel.Caption = Err.Description
End Sub

Private Sub PollTimer_Timer()
    Dim Answer As UpscopeAnswer
    Dim Visitor As Variant
    On Error GoTo Failed
    If Not mSearch.Poll(Answer) Then Exit Sub
    VisitorList.Clear
    For Each Visitor In Answer.Items("visitors")
        VisitorList.AddItem Visitor.Value("name", "(no name)")
    Next
    StatusLabel.Caption = VisitorList.ListCount & " found"
    EndSearch
    Exit Sub
Failed:
    Select Case Err.Number
        Case UPSCOPE_ERROR_UNAUTHORIZED: StatusLabel.Caption = "Check the API key."
        Case Else: StatusLabel.Caption = Err.Description
    End Select
    EndSearch
End Sub

' Frees the call. This cancels it if it is still running.
Private Sub EndSearch()
    PollTimer.Enabled = False
    Set mSearch = Nothing
End Sub

Private Sub Form_Unload(Cancel As Integer)
    EndSearch
    Set mClient = Nothing
End Sub
