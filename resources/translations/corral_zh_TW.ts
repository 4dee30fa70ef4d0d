<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_TW" sourcelanguage="en">
<context>
    <name>Actions</name>
    <message>
        <source>&amp;File</source>
        <translation>檔案(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Chat</source>
        <translation>對話(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>檢視(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>說明(&amp;H)</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新對話</translation>
    </message>
    <message>
        <source>Open GGUF…</source>
        <translation>開啟 GGUF…</translation>
    </message>
    <message>
        <source>Close tab</source>
        <translation>關閉分頁</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>結束</translation>
    </message>
    <message>
        <source>Choose model…</source>
        <translation>選擇模型…</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>載入</translation>
    </message>
    <message>
        <source>Unload</source>
        <translation>卸載</translation>
    </message>
    <message>
        <source>What if…</source>
        <translation>假如…</translation>
    </message>
    <message>
        <source>RPC workers…</source>
        <translation>RPC 工作機…</translation>
    </message>
    <message>
        <source>Best ways to load…</source>
        <translation>最佳載入方式…</translation>
    </message>
    <message>
        <source>Planned and measured…</source>
        <translation>規劃與實測…</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>所有模型</translation>
    </message>
    <message>
        <source>Find models…</source>
        <translation>尋找模型…</translation>
    </message>
    <message>
        <source>Downloads</source>
        <translation>下載</translation>
    </message>
    <message>
        <source>Upload to Hugging Face…</source>
        <translation>上傳到 Hugging Face…</translation>
    </message>
    <message>
        <source>Folders with models…</source>
        <translation>存放模型的資料夾…</translation>
    </message>
    <message>
        <source>Duplicates</source>
        <translation>重複內容</translation>
    </message>
    <message>
        <source>Check the models…</source>
        <translation>檢查模型…</translation>
    </message>
    <message>
        <source>Restore from the trash…</source>
        <translation>從資源回收桶還原…</translation>
    </message>
    <message>
        <source>New Modelfile</source>
        <translation>新增 Modelfile</translation>
    </message>
    <message>
        <source>Show Modelfile</source>
        <translation>顯示 Modelfile</translation>
    </message>
    <message>
        <source>Create model</source>
        <translation>建立模型</translation>
    </message>
    <message>
        <source>Next problem</source>
        <translation>下一個問題</translation>
    </message>
    <message>
        <source>What can be written here</source>
        <translation>顯示可以寫什麼</translation>
    </message>
    <message>
        <source>Save conversation as model…</source>
        <translation>將對話儲存為模型…</translation>
    </message>
    <message>
        <source>Regenerate</source>
        <translation>重新產生</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Previous variant</source>
        <translation>上一個版本</translation>
    </message>
    <message>
        <source>Next variant</source>
        <translation>下一個版本</translation>
    </message>
    <message>
        <source>Copy last reply</source>
        <translation>複製最後一則回覆</translation>
    </message>
    <message>
        <source>Search models and chats</source>
        <translation>搜尋模型和對話</translation>
    </message>
    <message>
        <source>Larger text</source>
        <translation>放大文字</translation>
    </message>
    <message>
        <source>Smaller text</source>
        <translation>縮小文字</translation>
    </message>
    <message>
        <source>Normal text size</source>
        <translation>標準文字大小</translation>
    </message>
    <message>
        <source>Show or hide the library</source>
        <translation>顯示或隱藏模型庫</translation>
    </message>
    <message>
        <source>Show or hide the hardware</source>
        <translation>顯示或隱藏硬體</translation>
    </message>
    <message>
        <source>Map of layers and contexts</source>
        <translation>層與上下文圖</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>快速鍵</translation>
    </message>
    <message>
        <source>About Corral</source>
        <translation>關於 Corral</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>配色</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>語言</translation>
    </message>
    <message>
        <source>As the system is</source>
        <translation>跟隨系統</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>淺色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
</context>
<context>
    <name>AnsweringFields</name>
    <message>
        <source>JSON schema or grammar</source>
        <translation>JSON Schema 或文法</translation>
    </message>
    <message>
        <source>off</source>
        <translation>關閉</translation>
    </message>
    <message>
        <source>such as: yes=2 | 1234=-inf</source>
        <translation>例如：yes=2 | 1234=-inf</translation>
    </message>
    <message>
        <source>Other adapters than the model&apos;s own</source>
        <translation>不用模型自己的轉接器，改用其他的</translation>
    </message>
    <message>
        <source>Add an adapter…</source>
        <translation>加入轉接器…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>The JSON schema or the grammar is missing.</source>
        <translation>缺少 JSON Schema 或文法。</translation>
    </message>
    <message>
        <source>Free text</source>
        <translation>自由文字</translation>
    </message>
    <message>
        <source>Any JSON object</source>
        <translation>任何 JSON 物件</translation>
    </message>
    <message>
        <source>By a JSON schema</source>
        <translation>依 JSON Schema</translation>
    </message>
    <message>
        <source>By a grammar (GBNF)</source>
        <translation>依文法（GBNF）</translation>
    </message>
    <message>
        <source>As the settings say</source>
        <translation>依設定</translation>
    </message>
    <message>
        <source>Leave out the oldest messages</source>
        <translation>略去最舊的訊息</translation>
    </message>
    <message>
        <source>Also drop the middle of a long answer</source>
        <translation>並捨棄長答覆的中段</translation>
    </message>
    <message>
        <source>Refuse what does not fit whole</source>
        <translation>放不下就拒絕</translation>
    </message>
    <message>
        <source>Adapters</source>
        <translation>轉接器</translation>
    </message>
    <message>
        <source>Adapter</source>
        <translation>轉接器</translation>
    </message>
    <message>
        <source>Scale</source>
        <translation>強度</translation>
    </message>
    <message>
        <source>“%1” is no bias: write TOKEN=VALUE.</source>
        <translation>「%1」不是偏置：請寫成 TOKEN=數值。</translation>
    </message>
    <message>
        <source>Form of answers</source>
        <translation>答覆的形式</translation>
    </message>
    <message>
        <source>When the context is full</source>
        <translation>上下文滿了時</translation>
    </message>
    <message>
        <source>Alternatives of each token</source>
        <translation>每個 token 的候選數</translation>
    </message>
    <message>
        <source>Bias of tokens</source>
        <translation>token 偏置</translation>
    </message>
</context>
<context>
    <name>AttachmentRow</name>
    <message>
        <source>Attached to this message</source>
        <translation>附加於此訊息</translation>
    </message>
</context>
<context>
    <name>CalibrationRun</name>
    <message>
        <source>Calibrating…</source>
        <translation>正在校正…</translation>
    </message>
    <message>
        <source>Calibrating, %1 of %2 · Cancel</source>
        <translation>正在校正，%1 / %2 · 取消</translation>
    </message>
</context>
<context>
    <name>CardsView</name>
    <message>
        <source>Graphics cards</source>
        <translation>顯示卡</translation>
    </message>
    <message>
        <source>Graphics card</source>
        <translation>顯示卡</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>記憶體</translation>
    </message>
    <message>
        <source>Bandwidth</source>
        <translation>頻寬</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>欄位</translation>
    </message>
    <message>
        <source>main memory: %1</source>
        <translation>主記憶體：%1</translation>
    </message>
</context>
<context>
    <name>CellTensors</name>
    <message>
        <source>Tensor</source>
        <translation>張量</translation>
    </message>
    <message>
        <source>Part</source>
        <translation>部分</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>型別</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形狀</translation>
    </message>
    <message>
        <source>In memory</source>
        <translation>佔用記憶體</translation>
    </message>
    <message>
        <source>%1, mapped</source>
        <translation>%1，檔案對映</translation>
    </message>
</context>
<context>
    <name>Chat</name>
    <message>
        <source>from the model</source>
        <translation>模型內建</translation>
    </message>
    <message>
        <source>the context was full: %1 tokens of its middle were dropped</source>
        <translation>上下文已滿：中段的 %1 個 token 已捨棄</translation>
    </message>
    <message>
        <source>interrupted: Corral ended while this was written</source>
        <translation>已中斷：寫到一半時 Corral 結束了</translation>
    </message>
    <message>
        <source>%1 tokens/s</source>
        <translation>每秒 %1 個 token</translation>
    </message>
    <message>
        <source>%1 s to first token</source>
        <translation>%1 秒後出現第一個 token</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 個 token</translation>
    </message>
    <message>
        <source>%1 of %2 guessed tokens were right</source>
        <translation>預測的 %2 個 token 中有 %1 個正確</translation>
    </message>
    <message>
        <source>%1 of the oldest messages did not fit into the context</source>
        <translation>最舊的 %1 則訊息放不進上下文</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>Checking the model</source>
        <translation>正在檢查模型</translation>
    </message>
    <message>
        <source>Loading %1 %</source>
        <translation>載入中 %1 %</translation>
    </message>
    <message>
        <source>Preparing the prompt</source>
        <translation>正在準備提示詞</translation>
    </message>
    <message>
        <source>Reading the prompt, %1 of %2 tokens</source>
        <translation>正在讀取提示詞，%1 / %2 個 token</translation>
    </message>
    <message>
        <source>Looking</source>
        <translation>觀看中</translation>
    </message>
    <message>
        <source>stopped by the model</source>
        <translation>由模型結束</translation>
    </message>
    <message>
        <source>stopped: no room left</source>
        <translation>已停止：上下文已滿</translation>
    </message>
    <message>
        <source>stopped by you</source>
        <translation>已由你停止</translation>
    </message>
    <message>
        <source>The model is not in the library.</source>
        <translation>這個模型不在模型庫中。</translation>
    </message>
    <message>
        <source>This model has no projector: it cannot see or hear.</source>
        <translation>這個模型沒有投影器：它看不見也聽不見。</translation>
    </message>
    <message>
        <source>Attach pictures or sounds</source>
        <translation>附加圖片或聲音</translation>
    </message>
    <message>
        <source>Pictures and sounds (%1)</source>
        <translation>圖片與聲音 (%1)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有檔案 (*)</translation>
    </message>
    <message>
        <source>%1 is a picture, and %2 cannot see.</source>
        <translation>%1 是圖片，而 %2 看不見。</translation>
    </message>
    <message>
        <source>%1 is a sound, and %2 cannot hear.</source>
        <translation>%1 是聲音，而 %2 聽不見。</translation>
    </message>
    <message>
        <source>its file is lost</source>
        <translation>檔案已遺失</translation>
    </message>
</context>
<context>
    <name>ChatPanel</name>
    <message>
        <source>Model of this chat</source>
        <translation>這個對話的模型</translation>
    </message>
    <message>
        <source>The model is loaded</source>
        <translation>模型已載入</translation>
    </message>
    <message>
        <source>TEMPLATE set aside: use it</source>
        <translation>TEMPLATE 未採用：改用它</translation>
    </message>
    <message>
        <source>System text and parameters</source>
        <translation>系統提示和參數</translation>
    </message>
    <message>
        <source>Ask something, or go on with a text.</source>
        <translation>問點什麼，或讓模型接續一段文字。</translation>
    </message>
    <message>
        <source>The answer begins</source>
        <translation>開始回答</translation>
    </message>
    <message>
        <source>The answer has ended</source>
        <translation>回答結束</translation>
    </message>
    <message>
        <source>Load anyway</source>
        <translation>仍要載入</translation>
    </message>
    <message>
        <source>pasted picture</source>
        <translation>貼上的圖片</translation>
    </message>
    <message>
        <source>A LoRA adapter</source>
        <translation>LoRA 轉接器</translation>
    </message>
    <message>
        <source>GGUF files (*.gguf)</source>
        <translation>GGUF 檔案 (*.gguf)</translation>
    </message>
</context>
<context>
    <name>ChatPresenter</name>
    <message>
        <source>New chat</source>
        <translation>新對話</translation>
    </message>
    <message>
        <source>not in the library</source>
        <translation>不在模型庫中</translation>
    </message>
    <message>
        <source>not loaded</source>
        <translation>未載入</translation>
    </message>
    <message>
        <source>on the CPU</source>
        <translation>在 CPU 上</translation>
    </message>
    <message>
        <source>on the GPU</source>
        <translation>在 GPU 上</translation>
    </message>
    <message>
        <source>The model &apos;%1&apos; is not in the library.</source>
        <translation>模型「%1」不在模型庫中。</translation>
    </message>
    <message>
        <source>This message is not in the shown branch.</source>
        <translation>這則訊息不在目前顯示的分支中。</translation>
    </message>
</context>
<context>
    <name>Check</name>
    <message>
        <source>damaged file</source>
        <translation>損壞的檔案</translation>
    </message>
    <message>
        <source>missing file</source>
        <translation>遺失的檔案</translation>
    </message>
    <message>
        <source>changed linked file</source>
        <translation>已變更的連結檔案</translation>
    </message>
    <message>
        <source>unreadable manifest</source>
        <translation>無法讀取的資訊清單</translation>
    </message>
    <message>
        <source>stray file</source>
        <translation>不屬於這裡的檔案</translation>
    </message>
    <message>
        <source>broken model in the trash</source>
        <translation>資源回收桶中損壞的模型</translation>
    </message>
    <message>
        <source>record of a link without its file</source>
        <translation>沒有檔案的連結記錄</translation>
    </message>
    <message>
        <source>file that no model names</source>
        <translation>沒有模型使用的檔案</translation>
    </message>
    <message>
        <source>unfinished file</source>
        <translation>未完成的檔案</translation>
    </message>
</context>
<context>
    <name>CheckPage</name>
    <message>
        <source>Check</source>
        <translation>檢查</translation>
    </message>
    <message>
        <source>Check the models</source>
        <translation>檢查模型</translation>
    </message>
    <message>
        <source>Reads every file whole and compares it with its digest.</source>
        <translation>完整讀取每個檔案，並與其摘要比對。</translation>
    </message>
    <message>
        <source>Mend</source>
        <translation>修復</translation>
    </message>
    <message>
        <source>Damaged files are set aside and models that lost one go to the trash. Only what an interruption left behind is removed.</source>
        <translation>損壞的檔案會另外存放，缺少檔案的模型會移到資源回收桶。只會刪除中斷後殘留的內容。</translation>
    </message>
    <message>
        <source>A check tells what is damaged, missing or left over. It changes nothing.</source>
        <translation>檢查會指出損壞、遺失或殘留的內容，不會變更任何東西。</translation>
    </message>
    <message>
        <source>What is wrong</source>
        <translation>問題</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>種類</translation>
    </message>
    <message>
        <source>Mended</source>
        <translation>已修復</translation>
    </message>
    <message>
        <source>Checking; the line at the foot shows how far it is.</source>
        <translation>正在檢查；底部的狀態列會顯示進度。</translation>
    </message>
    <message>
        <source>The check was cancelled.</source>
        <translation>已取消檢查。</translation>
    </message>
    <message>
        <source>The check could not be finished.</source>
        <translation>無法完成檢查。</translation>
    </message>
    <message numerus="yes">
        <source>%1 read in %n model(s).</source>
        <translation>
            <numerusform>已讀取 %n 個模型的 %1。</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing is wrong.</source>
        <translation>沒有問題。</translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) can be mended.</source>
        <translation>
            <numerusform>有 %n 個問題可以修復。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) were mended.</source>
        <translation>
            <numerusform>已修復 %n 個問題。</numerusform>
        </translation>
    </message>
    <message>
        <source>yes</source>
        <translation>是</translation>
    </message>
</context>
<context>
    <name>ChoiceCard</name>
    <message>
        <source>Answer %1 tokens/s, prompt %2 tokens/s; %3</source>
        <translation>回答每秒 %1 個 token，提示每秒 %2 個 token；%3</translation>
    </message>
    <message>
        <source>Plan with this</source>
        <translation>依此規劃</translation>
    </message>
    <message>
        <source>Use this</source>
        <translation>採用</translation>
    </message>
    <message>
        <source>%1: %2 of %3 free</source>
        <translation>%1：%2 / 可用 %3</translation>
    </message>
    <message>
        <source>planned exactly, by llama.cpp&apos;s dry run</source>
        <translation>由 llama.cpp 試跑精確規劃</translation>
    </message>
    <message>
        <source>planned by formulas</source>
        <translation>以公式規劃</translation>
    </message>
    <message>
        <source>memory</source>
        <translation>記憶體</translation>
    </message>
</context>
<context>
    <name>CodeSegment</name>
    <message>
        <source>Copy this code</source>
        <translation>複製這段程式碼</translation>
    </message>
    <message>
        <source>text</source>
        <translation>文字</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已複製</translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message>
        <source>Save conversation as model</source>
        <translation>將對話儲存為模型</translation>
    </message>
    <message>
        <source>Name of the new model</source>
        <translation>新模型的名稱</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>儲存</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>復原</translation>
    </message>
    <message>
        <source>%1 is in the library.</source>
        <translation>%1 已加入模型庫。</translation>
    </message>
    <message>
        <source>Chat with it</source>
        <translation>開始對話</translation>
    </message>
    <message>
        <source>The Modelfile was closed; no model was made of its last text.</source>
        <translation>Modelfile 已關閉；最後的內容尚未建立成模型。</translation>
    </message>
    <message>
        <source>Open a GGUF file</source>
        <translation>開啟 GGUF 檔案</translation>
    </message>
    <message>
        <source>GGUF models (*.gguf)</source>
        <translation>GGUF 模型 (*.gguf)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有檔案 (*)</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Attach…</source>
        <translation>附加…</translation>
    </message>
    <message>
        <source>Save as model…</source>
        <translation>儲存為模型…</translation>
    </message>
    <message>
        <source>Cancel editing</source>
        <translation>取消編輯</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>傳送</translation>
    </message>
    <message>
        <source>Attach pictures or sounds to the message</source>
        <translation>將圖片或聲音附加到訊息</translation>
    </message>
    <message>
        <source>Message %1…</source>
        <translation>傳訊息給 %1…</translation>
    </message>
    <message>
        <source>Message…</source>
        <translation>輸入訊息…</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
</context>
<context>
    <name>ContextGauge</name>
    <message>
        <source>context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 個 token</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>about %1 of %2, estimated</source>
        <translation>約 %1 / %2（估計）</translation>
    </message>
</context>
<context>
    <name>ContextPlot</name>
    <message>
        <source>Memory and speed over the context length</source>
        <translation>記憶體與速度隨上下文長度的變化</translation>
    </message>
</context>
<context>
    <name>ContextSection</name>
    <message>
        <source>Context lengths</source>
        <translation>各種上下文長度</translation>
    </message>
    <message>
        <source>Context length</source>
        <translation>上下文長度</translation>
    </message>
    <message>
        <source>Planned by formulas; speeds are estimated with the whole context in use.</source>
        <translation>依公式規劃；速度為上下文全部用滿時的估計。</translation>
    </message>
    <message>
        <source>The table is planned exactly, by llama.cpp&apos;s dry run, the curves by formulas; speeds are estimated with the whole context in use.</source>
        <translation>表格由 llama.cpp 試跑精確規劃，曲線依公式規劃；速度為上下文全部用滿時的估計。</translation>
    </message>
    <message>
        <source>Plan with %1 tokens</source>
        <translation>以 %1 個 token規劃</translation>
    </message>
</context>
<context>
    <name>ContextSteps</name>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>判定</translation>
    </message>
    <message>
        <source>Planned</source>
        <translation>規劃</translation>
    </message>
    <message>
        <source>Tokens/s</source>
        <translation>token/秒</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>備註</translation>
    </message>
    <message>
        <source>planned now</source>
        <translation>目前規劃</translation>
    </message>
    <message>
        <source>trained length</source>
        <translation>訓練長度</translation>
    </message>
</context>
<context>
    <name>Counts</name>
    <message numerus="yes">
        <source>%n minute(s) ago</source>
        <translation>
            <numerusform>%n 分鐘前</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s) ago</source>
        <translation>
            <numerusform>%n 小時前</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) ago</source>
        <translation>
            <numerusform>%n 天前</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n week(s) ago</source>
        <translation>
            <numerusform>%n 週前</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n month(s) ago</source>
        <translation>
            <numerusform>%n 個月前</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>+ %n message(s)</source>
        <translation>
            <numerusform>+ %n 則訊息</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>shared with %n other model(s)</source>
        <translation>
            <numerusform>與另外 %n 個模型共用</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CrashNotices</name>
    <message>
        <source>The last run died while llama.cpp was busy with %1.</source>
        <translation>上次執行在 llama.cpp 處理 %1 時異常結束。</translation>
    </message>
    <message>
        <source>It is not loaded again before you say so.</source>
        <translation>在你允許之前不會再次載入。</translation>
    </message>
    <message>
        <source>Allow it again</source>
        <translation>再次允許</translation>
    </message>
    <message>
        <source>llama.cpp failed and was stopped.</source>
        <translation>llama.cpp 發生錯誤，已被停止。</translation>
    </message>
    <message>
        <source>Restart Corral</source>
        <translation>重新啟動 Corral</translation>
    </message>
    <message>
        <source>New context</source>
        <translation>建立新的上下文</translation>
    </message>
    <message>
        <source>Load the model again</source>
        <translation>重新載入模型</translation>
    </message>
    <message>
        <source>The window and your conversations are safe.</source>
        <translation>視窗和你的對話都不受影響。</translation>
    </message>
    <message>
        <source>The model can answer again. Ask anew, or regenerate.</source>
        <translation>模型又可以回答了。請再問一次，或重新產生。</translation>
    </message>
</context>
<context>
    <name>DetailsPage</name>
    <message>
        <source>Details: %1</source>
        <translation>詳細資料：%1</translation>
    </message>
    <message>
        <source>There is no such model any more.</source>
        <translation>這個模型已不存在。</translation>
    </message>
    <message>
        <source>Template</source>
        <translation>範本</translation>
    </message>
    <message>
        <source>System text</source>
        <translation>系統文字</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>參數</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>授權條款</translation>
    </message>
    <message>
        <source>Copy name</source>
        <translation>複製名稱</translation>
    </message>
    <message>
        <source>Modelfile</source>
        <translation>Modelfile</translation>
    </message>
    <message>
        <source>Make it mine…</source>
        <translation>納入我的模型庫…</translation>
    </message>
    <message>
        <source>Save as GGUF file…</source>
        <translation>另存為 GGUF 檔…</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新對話</translation>
    </message>
    <message>
        <source>Parts of the model</source>
        <translation>模型的各部分</translation>
    </message>
    <message>
        <source>Overview</source>
        <translation>總覽</translation>
    </message>
    <message>
        <source>Metadata</source>
        <translation>中繼資料</translation>
    </message>
    <message>
        <source>Tensors</source>
        <translation>張量</translation>
    </message>
    <message>
        <source>System</source>
        <translation>系統</translation>
    </message>
    <message>
        <source>It has no system text.</source>
        <translation>沒有系統文字。</translation>
    </message>
    <message>
        <source>It sets no parameters.</source>
        <translation>沒有設定參數。</translation>
    </message>
    <message>
        <source>It names no licence.</source>
        <translation>沒有註明授權條款。</translation>
    </message>
</context>
<context>
    <name>DetailsPresenter</name>
    <message>
        <source>Problem</source>
        <translation>問題</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>適合度</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>參數</translation>
    </message>
    <message>
        <source>Quantization</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>Family</source>
        <translation>家族</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>Embedding length</source>
        <translation>嵌入長度</translation>
    </message>
    <message>
        <source>Capabilities</source>
        <translation>能力</translation>
    </message>
    <message>
        <source>Made from</source>
        <translation>源自</translation>
    </message>
    <message>
        <source>Where it lives</source>
        <translation>所在位置</translation>
    </message>
    <message>
        <source>Last used</source>
        <translation>上次使用</translation>
    </message>
    <message>
        <source>Id</source>
        <translation>識別碼</translation>
    </message>
    <message>
        <source>The model&apos;s own Go template</source>
        <translation>模型自己的 Go 範本</translation>
    </message>
    <message>
        <source>The Jinja template of the GGUF file</source>
        <translation>GGUF 檔內的 Jinja 範本</translation>
    </message>
    <message>
        <source>No chat template: the model continues text.</source>
        <translation>沒有對話範本：模型會接續文字。</translation>
    </message>
</context>
<context>
    <name>DeviceBars</name>
    <message>
        <source>weights</source>
        <translation>權重</translation>
    </message>
    <message>
        <source>KV</source>
        <translation>KV</translation>
    </message>
    <message>
        <source>compute</source>
        <translation>計算</translation>
    </message>
    <message>
        <source>in use by others</source>
        <translation>其他程式使用中</translation>
    </message>
    <message>
        <source>free</source>
        <translation>可用</translation>
    </message>
</context>
<context>
    <name>DuplicatesPage</name>
    <message>
        <source>Duplicates</source>
        <translation>重複內容</translation>
    </message>
    <message>
        <source>Compare files</source>
        <translation>比對檔案</translation>
    </message>
    <message>
        <source>Reads files of the same size whole, to know whether they are the same.</source>
        <translation>完整讀取大小相同的檔案，確認內容是否相同。</translation>
    </message>
    <message>
        <source>Content in several places</source>
        <translation>存了好幾份的內容</translation>
    </message>
    <message>
        <source>Models and places</source>
        <translation>模型與位置</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Would be freed</source>
        <translation>可釋出</translation>
    </message>
    <message>
        <source>Comparing files; the line at the foot shows how far it is.</source>
        <translation>正在比對檔案；進度顯示在底部。</translation>
    </message>
    <message>
        <source>Nothing is known to lie in several places.</source>
        <translation>目前沒有發現重複的內容。</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) lie in several places; keeping one of each would free %1.</source>
        <translation>
            <numerusform>有 %n 個檔案存了好幾份；各留一份可釋出 %1。</numerusform>
        </translation>
    </message>
    <message>
        <source>the same file, linked</source>
        <translation>同一個檔案（連結）</translation>
    </message>
</context>
<context>
    <name>FiguresTable</name>
    <message>
        <source>planned</source>
        <translation>規劃</translation>
    </message>
    <message>
        <source>measured</source>
        <translation>實測</translation>
    </message>
</context>
<context>
    <name>FoldersDialog</name>
    <message>
        <source>Folders with models</source>
        <translation>存放模型的資料夾</translation>
    </message>
    <message>
        <source>Models in these folders are used where they are; nothing is changed there.</source>
        <translation>這些資料夾裡的模型就地使用，不會更動其中的內容。</translation>
    </message>
    <message>
        <source>Add a folder…</source>
        <translation>加入資料夾…</translation>
    </message>
    <message>
        <source>Take off the list</source>
        <translation>從清單移除</translation>
    </message>
    <message>
        <source>not there</source>
        <translation>不存在</translation>
    </message>
    <message>
        <source>Added by you</source>
        <translation>由你加入</translation>
    </message>
    <message>
        <source>Whose</source>
        <translation>屬於</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>資料夾</translation>
    </message>
</context>
<context>
    <name>Hardware</name>
    <message>
        <source>%1 of %2 free</source>
        <translation>可用 %1 / %2</translation>
    </message>
    <message>
        <source>RPC worker %1</source>
        <translation>RPC 工作機 %1</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>記憶體</translation>
    </message>
    <message>
        <source>in use by others</source>
        <translation>其他程式使用中</translation>
    </message>
    <message>
        <source>%1, %2; %3 RAM, %4 free.</source>
        <translation>%1，%2；記憶體 %3，可用 %4。</translation>
    </message>
    <message>
        <source>%1 (%2): %3 VRAM, %4 free.</source>
        <translation>%1（%2）：顯示記憶體 %3，可用 %4。</translation>
    </message>
    <message>
        <source>RPC worker %2: %3, %4 free.</source>
        <translation>RPC 工作機 %2：%3，可用 %4。</translation>
    </message>
    <message>
        <source>Loaded.</source>
        <translation>已載入。</translation>
    </message>
    <message>
        <source>Over your limit.</source>
        <translation>超過你設的上限。</translation>
    </message>
    <message>
        <source>Fits.</source>
        <translation>放得下。</translation>
    </message>
    <message>
        <source>Tight.</source>
        <translation>偏緊。</translation>
    </message>
    <message>
        <source>Does not fit.</source>
        <translation>放不下。</translation>
    </message>
    <message>
        <source>%1 planned, %2 free, of which %3 can be used.</source>
        <translation>規劃需要 %1，目前可用 %2，扣除保留空間後為 %3。</translation>
    </message>
    <message>
        <source>All on the CPU, %1 left.</source>
        <translation>全部在 CPU 上，剩餘 %1。</translation>
    </message>
    <message>
        <source>%1 of %2 layers on the GPU, %3 left.</source>
        <translation>%2 層中有 %1 層在 GPU 上，剩餘 %3。</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>權重</translation>
    </message>
    <message>
        <source>weights, mapped file</source>
        <translation>權重（檔案對映）</translation>
    </message>
    <message>
        <source>KV cache</source>
        <translation>KV 快取</translation>
    </message>
    <message>
        <source>compute</source>
        <translation>計算</translation>
    </message>
    <message>
        <source>output</source>
        <translation>輸出</translation>
    </message>
    <message>
        <source>projector</source>
        <translation>投影器</translation>
    </message>
    <message>
        <source>adapters</source>
        <translation>適配器</translation>
    </message>
    <message>
        <source>draft model</source>
        <translation>草稿模型</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>at least %1</source>
        <translation>至少 %1</translation>
    </message>
    <message>
        <source>total</source>
        <translation>合計</translation>
    </message>
    <message>
        <source>answer, tokens/s</source>
        <translation>回答，token/秒</translation>
    </message>
    <message>
        <source>prompt, tokens/s</source>
        <translation>提示，token/秒</translation>
    </message>
    <message>
        <source>planned exactly, by llama.cpp&apos;s dry run</source>
        <translation>由 llama.cpp 試跑精確規劃</translation>
    </message>
    <message>
        <source>planned by formulas, the compute buffers to about 10 %</source>
        <translation>以公式規劃，計算緩衝區誤差約 10 %</translation>
    </message>
    <message>
        <source>%1; nothing measured: it is not loaded with this plan</source>
        <translation>%1；沒有實測值：模型未依此規劃載入</translation>
    </message>
    <message>
        <source>%1 of loaded models counts as free: they give way</source>
        <translation>已載入模型佔用的 %1 視為可用：它們會讓出</translation>
    </message>
    <message>
        <source>unknown for this architecture: %1</source>
        <translation>這種架構的下列部分未知：%1</translation>
    </message>
    <message>
        <source>speed unknown for this memory or architecture</source>
        <translation>這種記憶體或架構的速度未知</translation>
    </message>
    <message>
        <source>speed narrowed by measuring this machine</source>
        <translation>速度已依本機實測校正</translation>
    </message>
    <message>
        <source>answers narrowed by measuring here, prompts from tables</source>
        <translation>回答已依本機實測校正，提示依表格</translation>
    </message>
    <message>
        <source>prompts narrowed by measuring here, answers from tables</source>
        <translation>提示已依本機實測校正，回答依表格</translation>
    </message>
    <message>
        <source>speed estimated from tables</source>
        <translation>速度依表格估計</translation>
    </message>
    <message>
        <source>KV cache as %1</source>
        <translation>KV 快取用 %1</translation>
    </message>
    <message>
        <source>Context of %1 tokens</source>
        <translation>上下文 %1 個 token</translation>
    </message>
    <message>
        <source>Experts of %1 layers in main memory</source>
        <translation>%1 層的專家放在主記憶體</translation>
    </message>
    <message>
        <source>%1 layers on the GPU</source>
        <translation>%1 層在 GPU 上</translation>
    </message>
    <message>
        <source>%1, about %2 tokens/s</source>
        <translation>%1，約每秒 %2 個 token</translation>
    </message>
    <message>
        <source>layers shared by the cards as %1</source>
        <translation>各顯示卡分到的層數 %1</translation>
    </message>
    <message>
        <source>%1 (size not told)</source>
        <translation>%1（未告知大小）</translation>
    </message>
    <message>
        <source>others: %1</source>
        <translation>其他程式：%1</translation>
    </message>
    <message>
        <source>all on the GPU</source>
        <translation>全部在 GPU 上</translation>
    </message>
    <message>
        <source>one card is enough</source>
        <translation>一張卡就夠</translation>
    </message>
    <message>
        <source>over all cards</source>
        <translation>分到所有顯示卡</translation>
    </message>
    <message>
        <source>experts of some layers in main memory</source>
        <translation>部分層的專家在主記憶體</translation>
    </message>
    <message>
        <source>some layers in main memory</source>
        <translation>部分層在主記憶體</translation>
    </message>
    <message>
        <source>on the processor</source>
        <translation>在處理器上</translation>
    </message>
    <message>
        <source>KV cache in full quality</source>
        <translation>KV 快取品質不減</translation>
    </message>
    <message>
        <source>smaller KV cache</source>
        <translation>較小的 KV 快取</translation>
    </message>
    <message>
        <source>large micro-batches for prompts</source>
        <translation>以大微批次處理提示</translation>
    </message>
    <message>
        <source>all of the trained context</source>
        <translation>用滿訓練時的上下文</translation>
    </message>
    <message>
        <source>context %1</source>
        <translation>上下文 %1</translation>
    </message>
    <message>
        <source>%1 of %2 layers on the GPU</source>
        <translation>%2 層中有 %1 層在 GPU 上</translation>
    </message>
    <message>
        <source>flash attention %1</source>
        <translation>Flash 注意力 %1</translation>
    </message>
    <message>
        <source>micro-batch %1</source>
        <translation>微批次 %1</translation>
    </message>
    <message>
        <source>RPC workers saved and not asked yet: %1; see “Workers…”.</source>
        <translation>已儲存但尚未詢問的 RPC 工作機：%1 部；請見「工作機…」。</translation>
    </message>
</context>
<context>
    <name>HardwarePanel</name>
    <message>
        <source>Hardware</source>
        <translation>硬體</translation>
    </message>
    <message>
        <source>What if…</source>
        <translation>假如…</translation>
    </message>
    <message>
        <source>Plan for a machine that is not there</source>
        <translation>為不在手邊的電腦做規劃</translation>
    </message>
    <message>
        <source>Workers…</source>
        <translation>工作機…</translation>
    </message>
    <message>
        <source>Compute on other machines too</source>
        <translation>也用其他電腦運算</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>權重</translation>
    </message>
    <message>
        <source>KV</source>
        <translation>KV</translation>
    </message>
    <message>
        <source>compute</source>
        <translation>計算</translation>
    </message>
    <message>
        <source>in use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Choose a model to load first.</source>
        <translation>請先選擇要載入的模型。</translation>
    </message>
</context>
<context>
    <name>HardwarePresenter</name>
    <message>
        <source>Looking at this machine…</source>
        <translation>正在檢視這台電腦…</translation>
    </message>
    <message>
        <source>on Hugging Face</source>
        <translation>在 Hugging Face 上</translation>
    </message>
    <message>
        <source>this chat</source>
        <translation>這個對話</translation>
    </message>
    <message>
        <source>selected in the library</source>
        <translation>在模型庫中選取</translation>
    </message>
    <message>
        <source>Plan for %1 · %2</source>
        <translation>%1 的規劃 · %2</translation>
    </message>
    <message numerus="yes">
        <source>%n core(s)</source>
        <translation>
            <numerusform>%n 核心</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Hub</name>
    <message>
        <source>Repository</source>
        <translation>儲存庫</translation>
    </message>
    <message>
        <source>Downloads</source>
        <translation>下載次數</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>Likes: %1</source>
        <translation>喜歡：%1</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>能否容納</translation>
    </message>
    <message>
        <source>Here</source>
        <translation>本機</translation>
    </message>
    <message>
        <source>in the library</source>
        <translation>在模型庫中</translation>
    </message>
    <message>
        <source>fits</source>
        <translation>放得下</translation>
    </message>
    <message>
        <source>tight</source>
        <translation>勉強</translation>
    </message>
    <message>
        <source>too big</source>
        <translation>太大</translation>
    </message>
    <message>
        <source>%1, estimated</source>
        <translation>%1（估計）</translation>
    </message>
    <message>
        <source>%1 of %2 free on %3, planned by llama.cpp itself</source>
        <translation>%3 可用 %2，需要 %1（由 llama.cpp 本身規劃）</translation>
    </message>
    <message>
        <source>%1 of %2 free on %3, planned from its header</source>
        <translation>%3 可用 %2，需要 %1（依檔頭規劃）</translation>
    </message>
    <message>
        <source>%1 of %2 free on %3, estimated from its size</source>
        <translation>%3 可用 %2，需要 %1（依檔案大小估計）</translation>
    </message>
    <message>
        <source>context of %1 tokens</source>
        <translation>上下文 %1 個 token</translation>
    </message>
    <message>
        <source>licence %1</source>
        <translation>授權 %1</translation>
    </message>
    <message>
        <source>all files %1</source>
        <translation>全部檔案 %1</translation>
    </message>
</context>
<context>
    <name>HubDialogs</name>
    <message>
        <source>Log in</source>
        <translation>登入</translation>
    </message>
    <message>
        <source>Log in to Hugging Face</source>
        <translation>登入 Hugging Face</translation>
    </message>
    <message>
        <source>Access token</source>
        <translation>存取權杖</translation>
    </message>
    <message>
        <source>In the system&apos;s keyring</source>
        <translation>存在系統金鑰圈中</translation>
    </message>
    <message>
        <source>Until Corral ends</source>
        <translation>到 Corral 結束為止</translation>
    </message>
    <message>
        <source>In a file that only you can read</source>
        <translation>存在只有您能讀的檔案中</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>保存方式</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>儲存</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>連線</translation>
    </message>
    <message>
        <source>As the environment says</source>
        <translation>依環境變數</translation>
    </message>
    <message>
        <source>Only those of the system</source>
        <translation>只用系統的憑證</translation>
    </message>
    <message>
        <source>Mirror of Hugging Face</source>
        <translation>Hugging Face 鏡像</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>代理伺服器</translation>
    </message>
    <message>
        <source>File of more certificates</source>
        <translation>額外憑證檔案</translation>
    </message>
</context>
<context>
    <name>HubPage</name>
    <message>
        <source>Find models</source>
        <translation>尋找模型</translation>
    </message>
    <message>
        <source>More results</source>
        <translation>更多結果</translation>
    </message>
    <message>
        <source>Without encryption</source>
        <translation>不加密</translation>
    </message>
    <message>
        <source>Words, user/repo, or the address of a page</source>
        <translation>關鍵字、user/repo 或頁面網址</translation>
    </message>
    <message>
        <source>Search Hugging Face</source>
        <translation>搜尋 Hugging Face</translation>
    </message>
    <message>
        <source>Order of the results</source>
        <translation>結果的排序</translation>
    </message>
    <message>
        <source>Most downloads</source>
        <translation>最多下載</translation>
    </message>
    <message>
        <source>Trending</source>
        <translation>趨勢</translation>
    </message>
    <message>
        <source>Most likes</source>
        <translation>最多喜歡</translation>
    </message>
    <message>
        <source>Changed last</source>
        <translation>最近更新</translation>
    </message>
    <message>
        <source>Repositories that were found</source>
        <translation>找到的儲存庫</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜尋</translation>
    </message>
    <message>
        <source>Connection…</source>
        <translation>連線…</translation>
    </message>
    <message>
        <source>llama3.2:1b, or host/namespace/model:tag</source>
        <translation>llama3.2:1b,或 host/namespace/model:tag</translation>
    </message>
    <message>
        <source>Name of a model in Ollama&apos;s registry, or another</source>
        <translation>Ollama 或其他登錄庫中的模型名稱</translation>
    </message>
    <message>
        <source>For a registry of your own that speaks plain HTTP.</source>
        <translation>用於您自己以純 HTTP 提供的登錄庫。</translation>
    </message>
    <message>
        <source>Pull</source>
        <translation>拉取</translation>
    </message>
    <message>
        <source>By name from Ollama&apos;s registry</source>
        <translation>依名稱從 Ollama 登錄庫取得</translation>
    </message>
    <message numerus="yes">
        <source>%n repository(ies)</source>
        <translation>
            <numerusform>%n 個儲存庫</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing is asked before you search.</source>
        <translation>在您搜尋之前，不會發出任何連線。</translation>
    </message>
    <message>
        <source>Log in…</source>
        <translation>登入…</translation>
    </message>
    <message>
        <source>Log out %1</source>
        <translation>登出 %1</translation>
    </message>
</context>
<context>
    <name>HubPresenter</name>
    <message>
        <source>Asking the hub…</source>
        <translation>正在詢問 Hugging Face…</translation>
    </message>
    <message>
        <source>Looking into %1…</source>
        <translation>正在查看 %1…</translation>
    </message>
    <message>
        <source>Reading the header…</source>
        <translation>正在讀取檔頭…</translation>
    </message>
</context>
<context>
    <name>Importing</name>
    <message numerus="yes">
        <source>%n file(s) could not be imported.</source>
        <translation>
            <numerusform>有 %n 個檔案無法匯入。</numerusform>
        </translation>
    </message>
    <message>
        <source>Import</source>
        <translation>匯入</translation>
    </message>
    <message>
        <source>The file can be used without copying it (a hard link). It must then not be changed by other programs.</source>
        <translation>這個檔案可以不複製就直接使用（硬連結），但之後不可讓其他程式變更它。</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>連結</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>複製</translation>
    </message>
</context>
<context>
    <name>LayerSection</name>
    <message>
        <source>Tensors of the layer</source>
        <translation>此層的張量</translation>
    </message>
    <message>
        <source>Map of layers</source>
        <translation>層圖</translation>
    </message>
    <message>
        <source>Each device is drawn to its own scale: its largest layer fills the row.</source>
        <translation>每個裝置各用自己的比例：最大的一層填滿整列。</translation>
    </message>
</context>
<context>
    <name>LayerView</name>
    <message>
        <source>Map of layers</source>
        <translation>層圖</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>裝置</translation>
    </message>
</context>
<context>
    <name>Ledger</name>
    <message>
        <source>Loaded</source>
        <translation>載入時間</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>裝置</translation>
    </message>
    <message>
        <source>Planned</source>
        <translation>規劃</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>實測</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>誤差</translation>
    </message>
    <message>
        <source>By the system</source>
        <translation>系統統計</translation>
    </message>
    <message>
        <source>Plan</source>
        <translation>規劃方式</translation>
    </message>
    <message>
        <source>exact</source>
        <translation>精確</translation>
    </message>
    <message>
        <source>by formulas</source>
        <translation>公式</translation>
    </message>
    <message>
        <source>not told</source>
        <translation>未告知</translation>
    </message>
    <message>
        <source>Ran</source>
        <translation>執行時間</translation>
    </message>
    <message>
        <source>On</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Answer, tokens/s</source>
        <translation>回答，token/秒</translation>
    </message>
    <message>
        <source>by tables</source>
        <translation>依表格</translation>
    </message>
    <message>
        <source>Prompt, tokens/s</source>
        <translation>提示，token/秒</translation>
    </message>
    <message>
        <source>%1: the driver takes %2 beside what llama.cpp counts</source>
        <translation>%1：除 llama.cpp 計算的以外，驅動程式另佔 %2</translation>
    </message>
    <message>
        <source>Answers, %1: %2</source>
        <translation>回答（%1）：%2</translation>
    </message>
    <message>
        <source>Prompts, %1: %2</source>
        <translation>提示（%1）：%2</translation>
    </message>
    <message>
        <source>%1 of what the tables say, three runs in four within ±%2 % (%3 measured)</source>
        <translation>為表格值的 %1 倍，四分之三的執行在 ±%2 % 以內（實測 %3 次）</translation>
    </message>
    <message>
        <source>on the GPU</source>
        <translation>在 GPU 上</translation>
    </message>
    <message>
        <source>on GPU and processor</source>
        <translation>在 GPU 與處理器上</translation>
    </message>
    <message>
        <source>on the processor</source>
        <translation>在處理器上</translation>
    </message>
</context>
<context>
    <name>LedgerDialog</name>
    <message>
        <source>Planned and measured</source>
        <translation>規劃與實測</translation>
    </message>
    <message>
        <source>Each load writes down what was planned and what it took on each device. Load a model to begin.</source>
        <translation>每次載入都會記下各裝置的規劃值與實際用量。載入一個模型即可開始。</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>記憶體</translation>
    </message>
    <message>
        <source>Each longer answer writes down how fast it was, and narrows the speeds that are expected of other models here. Ask a model something to begin.</source>
        <translation>每個較長的回答都會記下速度，讓本機其他模型的預估速度更準。問模型一個問題即可開始。</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Learned on this machine</source>
        <translation>從這台電腦學到的</translation>
    </message>
</context>
<context>
    <name>Library</name>
    <message>
        <source>Name</source>
        <translation>名稱</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>適合度</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Quantization</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>參數量</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>Last used</source>
        <translation>上次使用</translation>
    </message>
    <message>
        <source>Capabilities</source>
        <translation>能力</translation>
    </message>
    <message>
        <source>Family</source>
        <translation>家族</translation>
    </message>
    <message>
        <source>Where it lives</source>
        <translation>所在位置</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>權重</translation>
    </message>
    <message>
        <source>projector</source>
        <translation>投影器</translation>
    </message>
    <message>
        <source>adapter</source>
        <translation>配接器</translation>
    </message>
    <message>
        <source>draft</source>
        <translation>草稿模型</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>不存在</translation>
    </message>
    <message>
        <source>broken</source>
        <translation>損壞</translation>
    </message>
    <message>
        <source>loaded</source>
        <translation>已載入</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>too big</source>
        <translation>太大</translation>
    </message>
    <message>
        <source>%1 of %2 on GPU</source>
        <translation>GPU %1/%2 層</translation>
    </message>
    <message>
        <source>tight</source>
        <translation>偏緊</translation>
    </message>
    <message>
        <source>fits</source>
        <translation>放得下</translation>
    </message>
    <message>
        <source>Not planned yet.</source>
        <translation>尚未規劃。</translation>
    </message>
    <message>
        <source>%1 of %2 free on %3, planned by formulas; context %4 tokens</source>
        <translation>需要 %1，%3 可用 %2（以公式規劃）；上下文 %4 個 token</translation>
    </message>
    <message>
        <source>%1 of %2 free on %3, planned exactly; context %4 tokens</source>
        <translation>需要 %1，%3 可用 %2（精確規劃）；上下文 %4 個 token</translation>
    </message>
    <message>
        <source>used in place</source>
        <translation>就地使用</translation>
    </message>
    <message>
        <source>MoE</source>
        <translation>混合專家</translation>
    </message>
    <message>
        <source>%1, %2 active</source>
        <translation>%1，啟用 %2</translation>
    </message>
    <message>
        <source>chat</source>
        <translation>對話</translation>
    </message>
    <message>
        <source>tools</source>
        <translation>工具</translation>
    </message>
    <message>
        <source>insert</source>
        <translation>插入</translation>
    </message>
    <message>
        <source>vision</source>
        <translation>視覺</translation>
    </message>
    <message>
        <source>embedding</source>
        <translation>嵌入</translation>
    </message>
    <message>
        <source>thinking</source>
        <translation>思考</translation>
    </message>
    <message>
        <source>audio</source>
        <translation>音訊</translation>
    </message>
    <message>
        <source>never</source>
        <translation>從未</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>剛剛</translation>
    </message>
    <message>
        <source>yesterday</source>
        <translation>昨天</translation>
    </message>
</context>
<context>
    <name>LibraryPanel</name>
    <message>
        <source>Library</source>
        <translation>模型庫</translation>
    </message>
    <message>
        <source>Open a GGUF file</source>
        <translation>開啟 GGUF 檔案</translation>
    </message>
    <message>
        <source>All models with their figures</source>
        <translation>所有模型與數據</translation>
    </message>
    <message>
        <source>Order of the models</source>
        <translation>模型的排序</translation>
    </message>
    <message>
        <source>Newest first</source>
        <translation>最新的在前</translation>
    </message>
    <message>
        <source>By name</source>
        <translation>依名稱</translation>
    </message>
    <message>
        <source>Largest first</source>
        <translation>最大的在前</translation>
    </message>
    <message>
        <source>Last used first</source>
        <translation>最近使用的在前</translation>
    </message>
    <message>
        <source>Search models and chats   Ctrl+K</source>
        <translation>搜尋模型和對話   Ctrl+K</translation>
    </message>
    <message>
        <source>Search models and chats</source>
        <translation>搜尋模型和對話</translation>
    </message>
    <message>
        <source>Models and chats</source>
        <translation>模型和對話</translation>
    </message>
    <message>
        <source>Drop a .gguf file here</source>
        <translation>將 .gguf 檔案拖放到這裡</translation>
    </message>
    <message>
        <source>Models and chats stand here.</source>
        <translation>模型與對話會列在這裡。</translation>
    </message>
    <message>
        <source>Nothing has “%1”.</source>
        <translation>沒有項目包含「%1」。</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>清除搜尋</translation>
    </message>
    <message>
        <source>Open GGUF…</source>
        <translation>開啟 GGUF…</translation>
    </message>
</context>
<context>
    <name>LibraryPresenter</name>
    <message>
        <source>There is a model of this name already.</source>
        <translation>已經有這個名稱的模型。</translation>
    </message>
    <message>
        <source>%1 belongs to %2 and is only used in place.</source>
        <translation>%1 屬於 %2，這裡只是就地使用。</translation>
    </message>
    <message>
        <source>Remove it there.</source>
        <translation>請到那裡移除。</translation>
    </message>
    <message>
        <source>Chats</source>
        <translation>對話</translation>
    </message>
    <message>
        <source>From %1</source>
        <translation>來自 %1</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新對話</translation>
    </message>
</context>
<context>
    <name>LimitRow</name>
    <message>
        <source>Limit</source>
        <translation>上限</translation>
    </message>
    <message>
        <source>off</source>
        <translation>關閉</translation>
    </message>
    <message>
        <source>Loads without a question.</source>
        <translation>直接載入，不詢問。</translation>
    </message>
    <message>
        <source>balanced</source>
        <translation>平衡</translation>
    </message>
    <message>
        <source>Asks before a load takes more than 90 % of what is free.</source>
        <translation>載入若超過可用量的 90 %，會先詢問。</translation>
    </message>
    <message>
        <source>strict</source>
        <translation>嚴格</translation>
    </message>
    <message>
        <source>Asks before a load takes more than 80 % of what is free.</source>
        <translation>載入若超過可用量的 80 %，會先詢問。</translation>
    </message>
    <message>
        <source>own limit</source>
        <translation>自訂</translation>
    </message>
    <message>
        <source>Asks before a load leaves less than this free on a device.</source>
        <translation>載入後任一裝置的可用量若少於此值，會先詢問。</translation>
    </message>
    <message>
        <source>Memory that stays free</source>
        <translation>保留的可用記憶體</translation>
    </message>
</context>
<context>
    <name>Links</name>
    <message>
        <source>Link in an answer</source>
        <translation>回答中的連結</translation>
    </message>
    <message>
        <source>A model wrote this address:</source>
        <translation>這個網址是模型寫的：</translation>
    </message>
    <message>
        <source>Open in the browser</source>
        <translation>在瀏覽器中開啟</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>複製</translation>
    </message>
</context>
<context>
    <name>Loads</name>
    <message>
        <source>What is shown is planned on %1, not on this machine.</source>
        <translation>目前顯示的是在 %1 上的規劃，不是這台電腦。</translation>
    </message>
    <message>
        <source>Go back to this machine to load.</source>
        <translation>請先回到這台電腦再載入。</translation>
    </message>
    <message>
        <source>Download it first.</source>
        <translation>請先下載。</translation>
    </message>
    <message>
        <source>The model is not on this machine.</source>
        <translation>模型不在這台電腦上。</translation>
    </message>
    <message>
        <source>Load anyway</source>
        <translation>仍要載入</translation>
    </message>
    <message>
        <source>Loading %1 %</source>
        <translation>載入中 %1 %</translation>
    </message>
    <message>
        <source>Waiting for another answer</source>
        <translation>正在等另一個回答結束</translation>
    </message>
    <message>
        <source>Checking the file</source>
        <translation>正在檢查檔案</translation>
    </message>
</context>
<context>
    <name>MachineDialog</name>
    <message>
        <source>What if…</source>
        <translation>假如…</translation>
    </message>
    <message>
        <source>Saved machines</source>
        <translation>已存的電腦</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>重新命名…</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>電腦</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>另存為…</translation>
    </message>
    <message>
        <source>Search graphics cards</source>
        <translation>搜尋顯示卡</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>加入</translation>
    </message>
    <message>
        <source>Take one out</source>
        <translation>拿掉一張</translation>
    </message>
    <message>
        <source>Main memory</source>
        <translation>主記憶體</translation>
    </message>
    <message>
        <source>as on this machine</source>
        <translation>與這台電腦相同</translation>
    </message>
    <message>
        <source>Kind of main memory</source>
        <translation>主記憶體種類</translation>
    </message>
    <message>
        <source>Free memory</source>
        <translation>可用記憶體</translation>
    </message>
    <message>
        <source>as usual</source>
        <translation>照一般情況</translation>
    </message>
    <message>
        <source>This machine</source>
        <translation>這台電腦</translation>
    </message>
    <message>
        <source>Plan on this</source>
        <translation>以此規劃</translation>
    </message>
    <message>
        <source>Save the machine</source>
        <translation>儲存電腦</translation>
    </message>
    <message>
        <source>Name of the machine</source>
        <translation>電腦的名稱</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>儲存</translation>
    </message>
    <message>
        <source>Rename the machine</source>
        <translation>重新命名電腦</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重新命名</translation>
    </message>
    <message>
        <source>&apos;%1&apos; was forgotten.</source>
        <translation>已移除「%1」。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>復原</translation>
    </message>
</context>
<context>
    <name>Machines</name>
    <message>
        <source>Another machine is called &apos;%1&apos;.</source>
        <translation>另一台電腦已叫「%1」。</translation>
    </message>
    <message>
        <source>Choose another name.</source>
        <translation>請換一個名稱。</translation>
    </message>
    <message>
        <source>Main memory: %2, %3 free</source>
        <translation>主記憶體：%2，可用 %3</translation>
    </message>
    <message>
        <source>%1: computes from main memory, %2 usable, %3 free</source>
        <translation>%1：使用主記憶體，可使用 %2，目前可用 %3</translation>
    </message>
    <message>
        <source>%1: %2, %3 free</source>
        <translation>%1：%2，可用 %3</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Library</source>
        <translation>模型庫</translation>
    </message>
    <message>
        <source>Hardware</source>
        <translation>硬體</translation>
    </message>
    <message>
        <source>Corral made a mistake. Your conversations are saved; the log has more.</source>
        <translation>Corral 發生錯誤。你的對話已儲存；詳情請看記錄檔。</translation>
    </message>
    <message>
        <source>The window speaks this language from the next start on.</source>
        <translation>下次啟動時，視窗會改用這個語言。</translation>
    </message>
    <message>
        <source>Restart Corral</source>
        <translation>重新啟動 Corral</translation>
    </message>
    <message>
        <source>Send / new line</source>
        <translation>傳送／換行</translation>
    </message>
    <message>
        <source>Edit the last message, in the empty message box</source>
        <translation>編輯上一則訊息（在空的訊息框中）</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>向上鍵</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>快速鍵</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>檔案</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>記錄檔</translation>
    </message>
    <message>
        <source>About Corral</source>
        <translation>關於 Corral</translation>
    </message>
</context>
<context>
    <name>MediaSegment</name>
    <message>
        <source>Sound: %1</source>
        <translation>聲音：%1</translation>
    </message>
    <message>
        <source>Picture: %1</source>
        <translation>圖片：%1</translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message>
        <source>Details</source>
        <translation>詳細資料</translation>
    </message>
    <message>
        <source>Close this message</source>
        <translation>關閉這則訊息</translation>
    </message>
</context>
<context>
    <name>MessageHeader</name>
    <message>
        <source>no longer in the context</source>
        <translation>已不在上下文中</translation>
    </message>
    <message>
        <source>The conversation is longer than the model&apos;s context: it does not see this.</source>
        <translation>對話比模型的上下文還長：模型看不到這則訊息。</translation>
    </message>
    <message>
        <source>Previous variant</source>
        <translation>上一個版本</translation>
    </message>
    <message>
        <source>Next variant</source>
        <translation>下一個版本</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>編輯</translation>
    </message>
    <message>
        <source>Branch</source>
        <translation>分支</translation>
    </message>
    <message>
        <source>Start a new chat that goes on from here</source>
        <translation>從這裡開始一個新對話</translation>
    </message>
    <message>
        <source>Regenerate</source>
        <translation>重新產生</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>What else could have stood here, and how probable it was</source>
        <translation>這裡還可能出現什麼，以及機率多高</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>複製</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>You, in the model</source>
        <translation>你（模型內建）</translation>
    </message>
    <message>
        <source>You</source>
        <translation>你</translation>
    </message>
    <message>
        <source>System</source>
        <translation>系統</translation>
    </message>
    <message>
        <source>Tool</source>
        <translation>工具</translation>
    </message>
</context>
<context>
    <name>MessageView</name>
    <message>
        <source>Tool call: %1</source>
        <translation>工具呼叫：%1</translation>
    </message>
    <message>
        <source>A tool call that cannot be read</source>
        <translation>無法讀取的工具呼叫</translation>
    </message>
    <message>
        <source>Your message</source>
        <translation>你的訊息</translation>
    </message>
    <message>
        <source>System message</source>
        <translation>系統訊息</translation>
    </message>
    <message>
        <source>Result of a tool</source>
        <translation>工具的結果</translation>
    </message>
    <message>
        <source>Reply %1 of %2, %3</source>
        <translation>第 %1 則回覆，共 %2 則，%3</translation>
    </message>
</context>
<context>
    <name>MetadataPane</name>
    <message>
        <source>Metadata</source>
        <translation>中繼資料</translation>
    </message>
    <message>
        <source>Search keys and values</source>
        <translation>搜尋鍵與值</translation>
    </message>
    <message>
        <source>The whole value</source>
        <translation>完整的值</translation>
    </message>
    <message numerus="yes">
        <source>%n key(s)</source>
        <translation>
            <numerusform>%n 個鍵</numerusform>
        </translation>
    </message>
    <message>
        <source>Choose a key to see its whole value.</source>
        <translation>選一個鍵來看完整的值。</translation>
    </message>
</context>
<context>
    <name>MetadataTable</name>
    <message>
        <source>Key</source>
        <translation>鍵</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message>
        <source>%1 values of type %2</source>
        <translation>%1 個 %2 型別的值</translation>
    </message>
</context>
<context>
    <name>ModelCommands</name>
    <message>
        <source>Undo</source>
        <translation>復原</translation>
    </message>
    <message>
        <source>%1 is in the trash for 7 days.</source>
        <translation>%1 已移至資源回收桶，保留 7 天。</translation>
    </message>
    <message>
        <source>The chat was deleted.</source>
        <translation>對話已刪除。</translation>
    </message>
    <message numerus="yes">
        <source>%n model(s) are in the trash for 7 days.</source>
        <translation>
            <numerusform>%n 個模型已移至資源回收桶，保留 7 天。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n chat(s) were deleted.</source>
        <translation>
            <numerusform>已刪除 %n 個對話。</numerusform>
        </translation>
    </message>
    <message>
        <source>A folder with models</source>
        <translation>存放模型的資料夾</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重新命名</translation>
    </message>
    <message>
        <source>New name</source>
        <translation>新名稱</translation>
    </message>
    <message>
        <source>Duplicate</source>
        <translation>再製</translation>
    </message>
    <message>
        <source>Name of the second model; its files are shared</source>
        <translation>第二個模型的名稱；檔案共用</translation>
    </message>
    <message>
        <source>Make it mine</source>
        <translation>納入我的模型庫</translation>
    </message>
    <message>
        <source>Name of the model here; the other program keeps its own</source>
        <translation>在這裡的名稱；另一個程式保留它自己的</translation>
    </message>
    <message>
        <source>No program here shows folders.</source>
        <translation>這裡沒有能顯示資料夾的程式。</translation>
    </message>
    <message>
        <source>%1 was saved as %2.</source>
        <translation>%1 已儲存為 %2。</translation>
    </message>
    <message>
        <source>Save as GGUF file</source>
        <translation>另存為 GGUF 檔</translation>
    </message>
    <message>
        <source>GGUF models (*.gguf)</source>
        <translation>GGUF 模型 (*.gguf)</translation>
    </message>
</context>
<context>
    <name>ModelfileCompleter</name>
    <message>
        <source>Suggestions</source>
        <translation>建議</translation>
    </message>
</context>
<context>
    <name>ModelfileEditor</name>
    <message>
        <source>Modelfile</source>
        <translation>Modelfile</translation>
    </message>
</context>
<context>
    <name>ModelfileHelp</name>
    <message>
        <source>Useful from %1 to %2.</source>
        <translation>合理範圍：%1 到 %2。</translation>
    </message>
    <message>
        <source>Default: automatic.</source>
        <translation>預設：自動。</translation>
    </message>
    <message>
        <source>Default: none.</source>
        <translation>預設：無。</translation>
    </message>
    <message>
        <source>Default: %1.</source>
        <translation>預設：%1。</translation>
    </message>
</context>
<context>
    <name>ModelfilePanel</name>
    <message>
        <source>Name of the model</source>
        <translation>模型名稱</translation>
    </message>
    <message>
        <source>Create model</source>
        <translation>建立模型</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>提示詞</translation>
    </message>
    <message>
        <source>Modelfile: %1</source>
        <translation>Modelfile：%1</translation>
    </message>
    <message>
        <source>Ctrl+Space shows what can be written here.</source>
        <translation>Ctrl+空白鍵會顯示這裡可以寫什麼。</translation>
    </message>
    <message>
        <source>not saved</source>
        <translation>未儲存</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Filter by name, family, quantization, capability</source>
        <translation>依名稱、家族、量化或能力篩選</translation>
    </message>
    <message>
        <source>Filter the models</source>
        <translation>篩選模型</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>欄位</translation>
    </message>
    <message>
        <source>Duplicates</source>
        <translation>重複內容</translation>
    </message>
    <message>
        <source>What lies in several places, and what that takes</source>
        <translation>哪些內容存了好幾份，占了多少</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>檢查</translation>
    </message>
    <message>
        <source>What is damaged, missing or left over on disk</source>
        <translation>磁碟上損壞、遺失或殘留的內容</translation>
    </message>
    <message>
        <source>Trash…</source>
        <translation>資源回收桶…</translation>
    </message>
    <message>
        <source>Restore from the trash…</source>
        <translation>從資源回收桶還原…</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>所有模型</translation>
    </message>
    <message>
        <source>%1 on disk</source>
        <translation>磁碟占用 %1</translation>
    </message>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n 個模型</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n model(s)</source>
        <translation>
            <numerusform>%n 個模型中的 %1 個</numerusform>
        </translation>
    </message>
    <message>
        <source>No models yet. Open a GGUF file to begin.</source>
        <translation>還沒有模型。開啟一個 GGUF 檔來開始。</translation>
    </message>
    <message>
        <source>No model has “%1”.</source>
        <translation>沒有模型包含「%1」。</translation>
    </message>
    <message>
        <source>Clear the filter</source>
        <translation>清除篩選</translation>
    </message>
    <message>
        <source>Open GGUF…</source>
        <translation>開啟 GGUF…</translation>
    </message>
    <message>
        <source>Enter opens the details of a model.</source>
        <translation>按 Enter 開啟模型的詳細資料。</translation>
    </message>
</context>
<context>
    <name>NeedsPane</name>
    <message>
        <source>Context length</source>
        <translation>上下文長度</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>個 token</translation>
    </message>
    <message>
        <source>Type of the KV cache</source>
        <translation>KV 快取的類型</translation>
    </message>
    <message>
        <source>Speed of answers</source>
        <translation>回答的速度</translation>
    </message>
    <message>
        <source>any</source>
        <translation>不限</translation>
    </message>
    <message>
        <source>tokens/s</source>
        <translation>token/秒</translation>
    </message>
    <message>
        <source>Find machines</source>
        <translation>尋找電腦</translation>
    </message>
    <message>
        <source>Plan on this machine</source>
        <translation>以這台電腦規劃</translation>
    </message>
    <message>
        <source>Machines that would do</source>
        <translation>夠用的電腦</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>電腦</translation>
    </message>
    <message>
        <source>Its memory</source>
        <translation>其記憶體</translation>
    </message>
    <message>
        <source>Planned</source>
        <translation>規劃</translation>
    </message>
    <message>
        <source>Answer, tokens/s</source>
        <translation>回答，token/秒</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>KV type</source>
        <translation>KV 快取類型</translation>
    </message>
    <message>
        <source>Answers, at least</source>
        <translation>回答至少</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>The smallest graphics cards and chips of the table that would hold the whole model stand here, with the speed that is expected of them.</source>
        <translation>這裡會列出表中裝得下整個模型的最小顯示卡與晶片，以及預估的速度。</translation>
    </message>
    <message>
        <source>With the whole model on the graphics; speed estimated from tables.</source>
        <translation>整個模型都在顯示卡上；速度依表格估計。</translation>
    </message>
    <message>
        <source>No machine of the table would do. Ask for less.</source>
        <translation>表中沒有夠用的電腦。請降低要求。</translation>
    </message>
</context>
<context>
    <name>Overview</name>
    <message>
        <source>Overview</source>
        <translation>總覽</translation>
    </message>
    <message>
        <source>Files and disk use</source>
        <translation>檔案與磁碟用量</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>複製路徑</translation>
    </message>
</context>
<context>
    <name>PicturePage</name>
    <message>
        <source>Map of layers</source>
        <translation>層圖</translation>
    </message>
    <message>
        <source>Choose a model to see its plan.</source>
        <translation>選擇一個模型以檢視其規劃。</translation>
    </message>
    <message>
        <source>%1: %2 on %3, %4 tokens of context, KV %5</source>
        <translation>%1：需要 %2（%3），上下文 %4 個 token，KV %5</translation>
    </message>
    <message>
        <source>this machine</source>
        <translation>這台電腦</translation>
    </message>
</context>
<context>
    <name>PlanForm</name>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>Context length</source>
        <translation>上下文長度</translation>
    </message>
    <message>
        <source>GPU layers</source>
        <translation>GPU 層數</translation>
    </message>
    <message>
        <source>Layers with experts in main memory</source>
        <translation>專家放在主記憶體的層數</translation>
    </message>
    <message>
        <source>Experts in RAM</source>
        <translation>主記憶體中的專家</translation>
    </message>
    <message>
        <source>Type of the KV cache</source>
        <translation>KV 快取的類型</translation>
    </message>
    <message>
        <source>Micro-batch in tokens</source>
        <translation>微批次的 token 數</translation>
    </message>
    <message>
        <source>Flash attention</source>
        <translation>Flash 注意力</translation>
    </message>
    <message>
        <source>Best ways to load…</source>
        <translation>最佳載入方式…</translation>
    </message>
    <message>
        <source>Map of layers and contexts</source>
        <translation>層與上下文圖</translation>
    </message>
    <message>
        <source>Planned and measured…</source>
        <translation>規劃與實測…</translation>
    </message>
    <message>
        <source>KV type</source>
        <translation>KV 快取類型</translation>
    </message>
    <message>
        <source>Micro-batch</source>
        <translation>微批次</translation>
    </message>
    <message>
        <source>Calibrate this machine (one minute)</source>
        <translation>校正這台電腦（一分鐘）</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 個 token</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>載入</translation>
    </message>
    <message>
        <source>Load anyway</source>
        <translation>仍要載入</translation>
    </message>
    <message>
        <source>Load again with this plan</source>
        <translation>依此規劃重新載入</translation>
    </message>
    <message>
        <source>Unload</source>
        <translation>卸載</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>PlanPicture</name>
    <message>
        <source>%1: planned memory; %2 can be used</source>
        <translation>%1：規劃的記憶體；可使用 %2</translation>
    </message>
    <message>
        <source>Tokens per second with a full context, estimated</source>
        <translation>上下文用滿時每秒 token 數（估計）</translation>
    </message>
    <message>
        <source>%1: unknown</source>
        <translation>%1：未知</translation>
    </message>
    <message>
        <source>in use by others</source>
        <translation>其他程式使用中</translation>
    </message>
    <message>
        <source>stays free</source>
        <translation>仍可用</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>不足</translation>
    </message>
    <message>
        <source>%1 of %2 free</source>
        <translation>可用 %1 / %2</translation>
    </message>
    <message>
        <source>attention</source>
        <translation>注意力</translation>
    </message>
    <message>
        <source>feed-forward</source>
        <translation>前饋</translation>
    </message>
    <message>
        <source>experts</source>
        <translation>專家</translation>
    </message>
    <message>
        <source>other weights</source>
        <translation>其他權重</translation>
    </message>
    <message>
        <source>KV cache</source>
        <translation>KV 快取</translation>
    </message>
    <message>
        <source>recurrent state</source>
        <translation>循環狀態</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>輸入</translation>
    </message>
    <message>
        <source>Shared by the layers</source>
        <translation>各層共用</translation>
    </message>
    <message>
        <source>Layer %1</source>
        <translation>第 %1 層</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>輸出</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>記憶體</translation>
    </message>
    <message>
        <source>%1: nothing on %2</source>
        <translation>%1：%2 上沒有</translation>
    </message>
    <message>
        <source>%1 on %2: %3; %4</source>
        <translation>%1（%2）：%3；%4</translation>
    </message>
    <message>
        <source>What the layers keep in the KV cache is unknown for this architecture.</source>
        <translation>此架構的各層在 KV 快取中保留多少，尚不清楚。</translation>
    </message>
    <message>
        <source>compute and output buffers</source>
        <translation>計算與輸出緩衝區</translation>
    </message>
    <message>
        <source>loaded beside the model</source>
        <translation>隨模型一起載入</translation>
    </message>
    <message>
        <source>cache beyond the formulas</source>
        <translation>超出公式的快取</translation>
    </message>
    <message>
        <source>weights beyond the formulas</source>
        <translation>超出公式的權重</translation>
    </message>
    <message>
        <source>gaps and padding</source>
        <translation>空隙與填補</translation>
    </message>
    <message>
        <source>layers</source>
        <translation>各層</translation>
    </message>
    <message>
        <source>%1: %2 planned (%3).</source>
        <translation>%1：規劃 %2（%3）。</translation>
    </message>
    <message>
        <source>planned exactly</source>
        <translation>精確規劃</translation>
    </message>
    <message>
        <source>planned by formulas</source>
        <translation>依公式規劃</translation>
    </message>
    <message>
        <source>at least %1</source>
        <translation>至少 %1</translation>
    </message>
    <message>
        <source>fits</source>
        <translation>放得下</translation>
    </message>
    <message>
        <source>tight</source>
        <translation>偏緊</translation>
    </message>
    <message>
        <source>does not fit</source>
        <translation>放不下</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <translation>%1 至 %2</translation>
    </message>
    <message>
        <source>%1 tokens: %2, %3 planned (%4), %5 tokens/s when full</source>
        <translation>%1 個 token：%2，規劃 %3（%4），用滿時每秒 %5 個 token</translation>
    </message>
</context>
<context>
    <name>PromptView</name>
    <message>
        <source>Chat that the message is said in</source>
        <translation>這則訊息所在的對話</translation>
    </message>
    <message>
        <source>a new chat</source>
        <translation>新的對話</translation>
    </message>
    <message>
        <source>Why is the sky blue?</source>
        <translation>天空為什麼是藍色的？</translation>
    </message>
    <message>
        <source>Message to the model</source>
        <translation>給模型的訊息</translation>
    </message>
    <message>
        <source>What the model reads</source>
        <translation>模型讀到的內容</translation>
    </message>
    <message>
        <source>Show prompt</source>
        <translation>顯示提示詞</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>訊息</translation>
    </message>
    <message>
        <source>in</source>
        <translation>於</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新對話</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Differences: + is the other template&apos;s prompt</source>
        <translation>差異：+ 是另一個範本的提示詞</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 個 token</translation>
    </message>
    <message>
        <source>the template works on special tokens in the message; they stay as they are</source>
        <translation>範本會處理訊息中的特殊 token；它們保持原樣</translation>
    </message>
    <message>
        <source>the other template fails: %1</source>
        <translation>另一個範本出錯：%1</translation>
    </message>
    <message>
        <source>the other template writes another prompt, see below</source>
        <translation>另一個範本寫出的提示詞不同，見下方</translation>
    </message>
    <message>
        <source>the other template writes the same</source>
        <translation>另一個範本寫出的相同</translation>
    </message>
</context>
<context>
    <name>ProseSegment</name>
    <message>
        <source>Text of the message</source>
        <translation>訊息內容</translation>
    </message>
</context>
<context>
    <name>Refusal</name>
    <message>
        <source>Corral can keep the file as %1 and begin with an empty one. Nothing is deleted.</source>
        <translation>Corral 可以把檔案保留為 %1，並從空的檔案開始。不會刪除任何內容。</translation>
    </message>
    <message>
        <source>Keep it aside and begin anew</source>
        <translation>保留並重新開始</translation>
    </message>
    <message>
        <source>Close Corral</source>
        <translation>關閉 Corral</translation>
    </message>
</context>
<context>
    <name>RepositoryPane</name>
    <message>
        <source>Log in…</source>
        <translation>登入…</translation>
    </message>
    <message>
        <source>Model card</source>
        <translation>模型卡</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下載</translation>
    </message>
    <message>
        <source>Choose a repository to see its models and whether they fit this machine.</source>
        <translation>選擇一個儲存庫，查看其中的模型以及這台電腦能否容納。</translation>
    </message>
    <message>
        <source>Models of the repository</source>
        <translation>儲存庫中的模型</translation>
    </message>
    <message>
        <source>Repository</source>
        <translation>儲存庫</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Its terms must be accepted on its page first, and a token is needed.</source>
        <translation>須先在其頁面接受條款，並需要權杖。</translation>
    </message>
    <message>
        <source>Fits are planned on %1, not on this machine.</source>
        <translation>是否放得下依 %1 規劃，不是這台電腦。</translation>
    </message>
    <message>
        <source>Reading the model card…</source>
        <translation>正在讀取模型卡…</translation>
    </message>
    <message>
        <source>As its author wrote it, as plain text.</source>
        <translation>作者所寫，以純文字顯示。</translation>
    </message>
    <message>
        <source>There is no model card.</source>
        <translation>沒有模型卡。</translation>
    </message>
</context>
<context>
    <name>RowActions</name>
    <message>
        <source>Open</source>
        <translation>開啟</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新對話</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>詳細資料</translation>
    </message>
    <message>
        <source>Modelfile</source>
        <translation>Modelfile</translation>
    </message>
    <message>
        <source>Copy name</source>
        <translation>複製名稱</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>重新命名…</translation>
    </message>
    <message>
        <source>Duplicate…</source>
        <translation>再製…</translation>
    </message>
    <message>
        <source>Make it mine…</source>
        <translation>納入我的模型庫…</translation>
    </message>
    <message>
        <source>Save as GGUF file…</source>
        <translation>另存為 GGUF 檔…</translation>
    </message>
    <message>
        <source>Show file in folder</source>
        <translation>在資料夾中顯示檔案</translation>
    </message>
    <message>
        <source>Restore from the trash…</source>
        <translation>從資源回收桶還原…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>刪除</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
</context>
<context>
    <name>Services</name>
    <message>
        <source>Checking the file</source>
        <translation>正在檢查檔案</translation>
    </message>
    <message>
        <source>Checking the models</source>
        <translation>正在檢查模型</translation>
    </message>
    <message>
        <source>Checking the references</source>
        <translation>正在檢查參照</translation>
    </message>
    <message>
        <source>Comparing files</source>
        <translation>正在比對檔案</translation>
    </message>
    <message>
        <source>Comparing the digests</source>
        <translation>正在比對摘要</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>正在連線</translation>
    </message>
    <message>
        <source>Copying</source>
        <translation>正在複製</translation>
    </message>
    <message>
        <source>Reading</source>
        <translation>正在讀取</translation>
    </message>
    <message>
        <source>Asking the hub</source>
        <translation>正在詢問模型庫網站</translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation>正在下載</translation>
    </message>
    <message>
        <source>Joining the files</source>
        <translation>正在合併檔案</translation>
    </message>
    <message>
        <source>Pulling</source>
        <translation>正在拉取</translation>
    </message>
    <message>
        <source>Pulling the manifest</source>
        <translation>正在拉取清單</translation>
    </message>
    <message>
        <source>Pushing</source>
        <translation>正在推送</translation>
    </message>
    <message>
        <source>Pushing the manifest</source>
        <translation>正在推送清單</translation>
    </message>
    <message>
        <source>Reading header</source>
        <translation>正在讀取檔頭</translation>
    </message>
    <message>
        <source>Reading licence and model card</source>
        <translation>正在讀取授權條款與模型說明</translation>
    </message>
    <message>
        <source>Registering the starter model</source>
        <translation>正在登錄入門模型</translation>
    </message>
    <message>
        <source>Uploading</source>
        <translation>正在上傳</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>Waiting for another download</source>
        <translation>正在等待另一個下載</translation>
    </message>
    <message>
        <source>Writing the manifest</source>
        <translation>正在寫入清單檔（manifest）</translation>
    </message>
    <message>
        <source>Writing to the drive</source>
        <translation>正在寫入磁碟</translation>
    </message>
    <message>
        <source>Creating %1</source>
        <translation>正在建立 %1</translation>
    </message>
    <message>
        <source>Importing %1</source>
        <translation>正在匯入 %1</translation>
    </message>
    <message>
        <source>Saving %1</source>
        <translation>正在儲存 %1</translation>
    </message>
    <message>
        <source>Planning %1</source>
        <translation>正在規劃 %1</translation>
    </message>
    <message>
        <source>Measuring %1</source>
        <translation>正在測量 %1</translation>
    </message>
    <message>
        <source>Trying machines</source>
        <translation>正在嘗試各種電腦</translation>
    </message>
    <message>
        <source>Trying ways to load</source>
        <translation>正在嘗試各種載入方式</translation>
    </message>
    <message>
        <source>Fix</source>
        <translation>修正</translation>
    </message>
    <message>
        <source>Move to its own line</source>
        <translation>移到單獨一行</translation>
    </message>
    <message>
        <source>Put in quotes</source>
        <translation>加上引號</translation>
    </message>
    <message>
        <source>Quote the whole line</source>
        <translation>整行加上引號</translation>
    </message>
    <message>
        <source>Remove the line</source>
        <translation>移除這一行</translation>
    </message>
    <message>
        <source>Context length: how many tokens of the conversation the model sees; 0 is automatic.</source>
        <translation>上下文長度：模型看得到對話中的多少個 token；0 表示自動。</translation>
    </message>
    <message>
        <source>How many prompt tokens are read at once; more is faster and needs more memory.</source>
        <translation>一次讀取多少個提示詞 token；越多越快，也需要越多記憶體。</translation>
    </message>
    <message>
        <source>How many layers are put on the GPU; -1 is automatic, 0 is the processor only.</source>
        <translation>把多少層放到 GPU 上；-1 表示自動，0 表示只用處理器。</translation>
    </message>
    <message>
        <source>Puts the whole model on the GPU of this number.</source>
        <translation>把整個模型放到此編號的 GPU 上。</translation>
    </message>
    <message>
        <source>Whether the model file is mapped into memory instead of being copied there.</source>
        <translation>是否將模型檔案對映到記憶體，而不是複製進去。</translation>
    </message>
    <message>
        <source>How many processor threads compute; 0 is automatic.</source>
        <translation>用多少個處理器執行緒計算；0 表示自動。</translation>
    </message>
    <message>
        <source>How many tokens the draft model guesses ahead.</source>
        <translation>草稿模型預先猜測多少個 token。</translation>
    </message>
    <message>
        <source>How many tokens at the start stay when the context overflows.</source>
        <translation>上下文溢出時，保留開頭的多少個 token。</translation>
    </message>
    <message>
        <source>Start of the random numbers: the same seed gives the same answer; -1 is random.</source>
        <translation>亂數種子：相同的種子會得到相同的回答；-1 表示隨機。</translation>
    </message>
    <message>
        <source>How many tokens an answer may have; -1 is until the model stops.</source>
        <translation>一則回答最多多少個 token；-1 表示直到模型自行結束。</translation>
    </message>
    <message>
        <source>Chooses among this many likeliest tokens only; 0 is all of them.</source>
        <translation>只從機率最高的這麼多個 token 中選擇；0 表示全部。</translation>
    </message>
    <message>
        <source>Chooses among the likeliest tokens that together have this probability.</source>
        <translation>從機率最高、累計達到此機率的 token 中選擇。</translation>
    </message>
    <message>
        <source>Leaves out tokens less likely than this share of the likeliest one.</source>
        <translation>捨去機率低於最高機率乘以此比例的 token。</translation>
    </message>
    <message>
        <source>Prefers tokens about as surprising as expected; 1 is off.</source>
        <translation>偏好意外程度接近預期的 token；1 表示停用。</translation>
    </message>
    <message>
        <source>How many past tokens the penalties look at; 0 is off, -1 the whole context.</source>
        <translation>懲罰會參考前面多少個 token；0 表示停用，-1 表示整個上下文。</translation>
    </message>
    <message>
        <source>How freely the model chooses: 0 always takes the likeliest token, more is bolder.</source>
        <translation>溫度：模型選擇的自由程度；0 總是選機率最高的 token，越高越大膽。</translation>
    </message>
    <message>
        <source>Makes tokens that were just used less likely; 1 is off.</source>
        <translation>降低剛用過的 token 的機率；1 表示停用。</translation>
    </message>
    <message>
        <source>Makes tokens that were used at all less likely; 0 is off.</source>
        <translation>降低任何已用過的 token 的機率；0 表示停用。</translation>
    </message>
    <message>
        <source>Makes tokens less likely the more often they were used; 0 is off.</source>
        <translation>token 用得越多，機率降得越低；0 表示停用。</translation>
    </message>
    <message>
        <source>Ends the answer where this text would come; each line adds one.</source>
        <translation>在將要出現這段文字的地方結束回答；每一行新增一個。</translation>
    </message>
    <message>
        <source>llama.cpp plans exactly only for NVIDIA and AMD cards not here.</source>
        <translation>不在手邊的顯示卡中，llama.cpp 只能精確規劃 NVIDIA 與 AMD 的卡。</translation>
    </message>
    <message>
        <source>llama.cpp&apos;s own fit chooses what goes to GPUs, and there is none.</source>
        <translation>llama.cpp 自己的配置只決定哪些放到 GPU，而這裡沒有 GPU。</translation>
    </message>
    <message>
        <source>No GPU that llama.cpp can use: no graphics card was found.</source>
        <translation>沒有 llama.cpp 可用的 GPU：找不到顯示卡。</translation>
    </message>
    <message>
        <source>No GPU that llama.cpp can use: there is NVIDIA graphics, but this build has no driver for it. Install again with CMAKE_ARGS=-DGGML_CUDA=ON.</source>
        <translation>沒有 llama.cpp 可用的 GPU：有 NVIDIA 顯示卡，但這個組建沒有對應的驅動程式。請以 CMAKE_ARGS=-DGGML_CUDA=ON 重新安裝。</translation>
    </message>
    <message>
        <source>No GPU that llama.cpp can use: there is AMD graphics, but this build has no driver for it. Install again with CMAKE_ARGS=-DGGML_VULKAN=ON.</source>
        <translation>沒有 llama.cpp 可用的 GPU：有 AMD 顯示卡，但這個組建沒有對應的驅動程式。請以 CMAKE_ARGS=-DGGML_VULKAN=ON 重新安裝。</translation>
    </message>
    <message>
        <source>No GPU that llama.cpp can use: there is Intel graphics, but this build has no driver for it. Install again with CMAKE_ARGS=-DGGML_VULKAN=ON.</source>
        <translation>沒有 llama.cpp 可用的 GPU：有 Intel 顯示卡，但這個組建沒有對應的驅動程式。請以 CMAKE_ARGS=-DGGML_VULKAN=ON 重新安裝。</translation>
    </message>
    <message>
        <source>RPC is neither authenticated nor encrypted: whoever reaches the worker or listens on the way to it can read your chats and change the answers, and a hostile worker can attack this computer. Use it on networks that you trust alone, or through a tunnel.</source>
        <translation>RPC 既不驗證身分也不加密：任何能連到工作機或在途中竊聽的人，都能讀取您的對話、竄改回答；惡意的工作機還能攻擊這部電腦。請只在您信任的網路上使用，或透過加密通道使用。</translation>
    </message>
    <message>
        <source>The role is %1; it can be system, user or assistant.</source>
        <translation>角色是 %1；可以是 system、user 或 assistant。</translation>
    </message>
    <message>
        <source>This quote is never closed at the end of a line.</source>
        <translation>這個引號一直沒有在行尾關閉。</translation>
    </message>
    <message>
        <source>Unknown parameter %1. Did you mean %2?</source>
        <translation>不明的參數 %1。您是指 %2 嗎？</translation>
    </message>
    <message>
        <source>Only one blank may follow %1 here.</source>
        <translation>這裡的 %1 之後只能有一個空格。</translation>
    </message>
    <message>
        <source>Unknown instruction %1. Did you mean %2?</source>
        <translation>不明的指令 %1。您是指 %2 嗎？</translation>
    </message>
    <message>
        <source>A blank must follow %1, not %2.</source>
        <translation>%1 之後必須是空格，不能是 %2。</translation>
    </message>
    <message>
        <source>%1 has no value on its line.</source>
        <translation>%1 在這一行沒有值。</translation>
    </message>
    <message>
        <source>Unknown parameter %1.</source>
        <translation>不明的參數 %1。</translation>
    </message>
    <message>
        <source>Unknown instruction %1.</source>
        <translation>不明的指令 %1。</translation>
    </message>
    <message>
        <source>REQUIRES is to be a version such as 0.14.0.</source>
        <translation>REQUIRES 必須是版本號碼，例如 0.14.0。</translation>
    </message>
    <message>
        <source>Only one ADAPTER can be used.</source>
        <translation>只能使用一個 ADAPTER。</translation>
    </message>
    <message>
        <source>%1 is given again on line %2; that one counts.</source>
        <translation>第 %2 行又寫了 %1；以那一行為準。</translation>
    </message>
    <message>
        <source>PARAMETER %1 is read as %2, as Ollama reads it.</source>
        <translation>PARAMETER %1 會當作 %2 讀取，和 Ollama 一樣。</translation>
    </message>
    <message>
        <source>%1 is %2; useful values go from %3 to %4.</source>
        <translation>%1 是 %2；合理的值從 %3 到 %4。</translation>
    </message>
    <message>
        <source>num_ctx is %1; the model was trained with %2 tokens.</source>
        <translation>num_ctx 是 %1；模型訓練時只有 %2 個 token。</translation>
    </message>
    <message>
        <source>Invalid int value [%1]. %2 is a whole number such as 40.</source>
        <translation>整數值 [%1] 無效。%2 是整數，例如 40。</translation>
    </message>
    <message>
        <source>Invalid float value [%1]. %2 is a number such as 0.7.</source>
        <translation>數值 [%1] 無效。%2 是數字，例如 0.7。</translation>
    </message>
    <message>
        <source>Invalid bool value [%1]. %2 is true or false.</source>
        <translation>布林值 [%1] 無效。%2 是 true 或 false。</translation>
    </message>
    <message>
        <source>%1 is no longer used and is left out.</source>
        <translation>%1 已不再使用，會略過。</translation>
    </message>
    <message>
        <source>No FROM line: name the model to build on, as in FROM smollm2:135m.</source>
        <translation>沒有 FROM 行：請寫出要以哪個模型為基礎，例如 FROM smollm2:135m。</translation>
    </message>
    <message>
        <source>The library has no model %1. Did you mean %2?</source>
        <translation>模型庫中沒有模型 %1。您是指 %2 嗎？</translation>
    </message>
    <message>
        <source>FROM names no model.</source>
        <translation>FROM 沒有寫出模型。</translation>
    </message>
    <message>
        <source>The library has no model %1.</source>
        <translation>模型庫中沒有模型 %1。</translation>
    </message>
    <message>
        <source>%1 does not occur in the TEMPLATE.</source>
        <translation>TEMPLATE 中沒有出現 %1。</translation>
    </message>
    <message>
        <source>%1 does not occur in the model&apos;s chat template.</source>
        <translation>模型的對話範本中沒有出現 %1。</translation>
    </message>
    <message>
        <source>This {{ %1 }} of the TEMPLATE has no {{ end }}.</source>
        <translation>TEMPLATE 的這個 {{ %1 }} 沒有 {{ end }}。</translation>
    </message>
    <message>
        <source>The TEMPLATE uses neither {{ .Prompt }} nor {{ .Messages }}: the model would not see what it is asked.</source>
        <translation>TEMPLATE 沒有用到 {{ .Prompt }} 或 {{ .Messages }}：模型會看不到問題。</translation>
    </message>
    <message>
        <source>The TEMPLATE does not use {{ .System }}: the model would not see SYSTEM.</source>
        <translation>TEMPLATE 沒有用到 {{ .System }}：模型會看不到 SYSTEM。</translation>
    </message>
    <message>
        <source>This {{ of the TEMPLATE is never closed by }}.</source>
        <translation>TEMPLATE 的這個 {{ 一直沒有用 }} 關閉。</translation>
    </message>
    <message>
        <source>The TEMPLATE cannot be read here: %1.</source>
        <translation>TEMPLATE 在這裡無法讀取：%1。</translation>
    </message>
    <message>
        <source>This {{ end }} of the TEMPLATE ends nothing.</source>
        <translation>TEMPLATE 的這個 {{ end }} 沒有對應的開頭。</translation>
    </message>
    <message>
        <source>Text after the closing quote: the value goes on to line %1.</source>
        <translation>關閉的引號後面還有文字：值會一直延續到第 %1 行。</translation>
    </message>
    <message>
        <source>Text after the closing quote: the value goes on to the end of the file.</source>
        <translation>關閉的引號後面還有文字：值會一直延續到檔案結尾。</translation>
    </message>
    <message>
        <source>The character %1 is left out, as Ollama reads it. In quotes Corral keeps it.</source>
        <translation>字元 %1 會略過，和 Ollama 一樣。放在引號中 Corral 就會保留。</translation>
    </message>
    <message>
        <source>Ollama ends the value here; Corral reads on, for an invisible mark follows.</source>
        <translation>Ollama 在這裡結束這個值；後面有看不見的記號，所以 Corral 會繼續讀。</translation>
    </message>
    <message>
        <source>Ollama leaves out the character %1; Corral keeps it.</source>
        <translation>Ollama 會略過字元 %1；Corral 會保留。</translation>
    </message>
    <message>
        <source>%1 becomes part of the value, as Ollama reads it.</source>
        <translation>%1 會成為值的一部分，和 Ollama 一樣。</translation>
    </message>
    <message>
        <source>The quote that is opened on line %1 takes in this line.</source>
        <translation>第 %1 行開啟的引號把這一行也包進去了。</translation>
    </message>
    <message>
        <source>Close the quote</source>
        <translation>關閉引號</translation>
    </message>
    <message>
        <source>Use %1</source>
        <translation>改用 %1</translation>
    </message>
    <message>
        <source>Add %1</source>
        <translation>加上 %1</translation>
    </message>
    <message>
        <source>The model or GGUF file to build on; further lines add files such as a projector.</source>
        <translation>作為基礎的模型或 GGUF 檔案；再寫幾行可加入其他檔案，例如投影器。</translation>
    </message>
    <message>
        <source>A licence that the model comes with.</source>
        <translation>模型附帶的授權條款。</translation>
    </message>
    <message>
        <source>How messages become the prompt text, as a Go template.</source>
        <translation>訊息如何變成提示文字，以 Go 範本撰寫。</translation>
    </message>
    <message>
        <source>What the model is told before every conversation.</source>
        <translation>每次對話前先告訴模型的話。</translation>
    </message>
    <message>
        <source>A LoRA adapter to put on the model.</source>
        <translation>套用在模型上的 LoRA 轉接器。</translation>
    </message>
    <message>
        <source>A small model that guesses tokens ahead.</source>
        <translation>預先猜測 token 的小模型。</translation>
    </message>
    <message>
        <source>A built-in way to write the prompt text.</source>
        <translation>產生提示文字的內建方式。</translation>
    </message>
    <message>
        <source>A built-in way to read the answer.</source>
        <translation>讀取回答的內建方式。</translation>
    </message>
    <message>
        <source>A setting that conversations with the model begin with.</source>
        <translation>與模型對話時一開始採用的設定。</translation>
    </message>
    <message>
        <source>A message that every conversation begins with.</source>
        <translation>每次對話開頭都有的訊息。</translation>
    </message>
    <message>
        <source>The oldest Ollama version that can run the model.</source>
        <translation>可以執行此模型的最舊 Ollama 版本。</translation>
    </message>
</context>
<context>
    <name>SetUpDialog</name>
    <message>
        <source>System text and parameters</source>
        <translation>系統提示和參數</translation>
    </message>
    <message>
        <source>Use another system text in this chat</source>
        <translation>在這個對話中使用其他系統提示</translation>
    </message>
    <message>
        <source>System text</source>
        <translation>系統提示</translation>
    </message>
    <message>
        <source>The Modelfile&apos;s TEMPLATE</source>
        <translation>Modelfile 的 TEMPLATE</translation>
    </message>
    <message>
        <source>The GGUF&apos;s own chat template</source>
        <translation>GGUF 自己的聊天範本</translation>
    </message>
    <message>
        <source>None: the model goes on with the text</source>
        <translation>不用範本：模型接著文字寫下去</translation>
    </message>
    <message>
        <source>Prompt template</source>
        <translation>提示詞範本</translation>
    </message>
    <message>
        <source>As usual: in Ollama&apos;s order</source>
        <translation>照慣例：依 Ollama 的順序</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>自動</translation>
    </message>
    <message>
        <source>none</source>
        <translation>無</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>參數</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>答覆</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>local only</source>
        <translation>僅限本機</translation>
    </message>
    <message>
        <source>Corral opens no connection that you did not ask for.</source>
        <translation>Corral 不會建立任何你沒有要求的連線。</translation>
    </message>
    <message>
        <source>%1 tokens/s measured</source>
        <translation>實測每秒 %1 個 token</translation>
    </message>
    <message>
        <source>no model loaded</source>
        <translation>未載入模型</translation>
    </message>
    <message>
        <source>%1 on the CPU</source>
        <translation>%1 在 CPU 上</translation>
    </message>
    <message>
        <source>%1 on the GPU</source>
        <translation>%1 在 GPU 上</translation>
    </message>
    <message>
        <source>%1 on RPC workers</source>
        <translation>%1 在 RPC 工作機上</translation>
    </message>
    <message numerus="yes">
        <source>%n paused transfer(s)</source>
        <translation>
            <numerusform>%n 個傳輸已暫停</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TableView</name>
    <message>
        <source>Columns</source>
        <translation>欄位</translation>
    </message>
</context>
<context>
    <name>Tabs</name>
    <message>
        <source>Chats and Modelfiles</source>
        <translation>對話和 Modelfile</translation>
    </message>
</context>
<context>
    <name>TemplateWording</name>
    <message>
        <source>in place of Ollama&apos;s renderer %1</source>
        <translation>代替 Ollama 的 renderer %1</translation>
    </message>
    <message>
        <source>answers read by the template&apos;s marks: Ollama&apos;s parser %1 is not known</source>
        <translation>回答依範本的標記解讀：不認得 Ollama 的 parser %1</translation>
    </message>
    <message>
        <source>prompt by the Modelfile&apos;s TEMPLATE</source>
        <translation>提示詞依 Modelfile 的 TEMPLATE</translation>
    </message>
    <message>
        <source>prompt by the GGUF&apos;s own chat template</source>
        <translation>提示詞依 GGUF 自己的聊天範本</translation>
    </message>
    <message>
        <source>no chat template: the model goes on with the text</source>
        <translation>沒有對話範本：模型會接著文字寫下去</translation>
    </message>
    <message>
        <source>which takes tools and the TEMPLATE does not</source>
        <translation>它支援工具，而 TEMPLATE 不支援</translation>
    </message>
    <message>
        <source>which takes more than the TEMPLATE</source>
        <translation>它比 TEMPLATE 支援得更多</translation>
    </message>
    <message>
        <source>which also writes the results of tools</source>
        <translation>它還會寫出工具的結果</translation>
    </message>
    <message>
        <source>for OLLAMA_GO_TEMPLATE says so</source>
        <translation>因為 OLLAMA_GO_TEMPLATE 如此設定</translation>
    </message>
</context>
<context>
    <name>TensorPane</name>
    <message>
        <source>Tensors</source>
        <translation>張量</translation>
    </message>
    <message>
        <source>Search names, shapes and types</source>
        <translation>搜尋名稱、形狀與型別</translation>
    </message>
    <message numerus="yes">
        <source>%n tensor(s), %1 parameters, %2</source>
        <translation>
            <numerusform>%n 個張量，%1 個參數，%2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TensorTable</name>
    <message>
        <source>Tensor</source>
        <translation>張量</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形狀</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>型別</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
</context>
<context>
    <name>TextPane</name>
    <message>
        <source>Copy</source>
        <translation>複製</translation>
    </message>
    <message>
        <source>Copy: %1</source>
        <translation>複製：%1</translation>
    </message>
</context>
<context>
    <name>ThinkingSegment</name>
    <message>
        <source>What the model thought</source>
        <translation>模型的思考過程</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <translation>思考過程</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>思考中…</translation>
    </message>
</context>
<context>
    <name>TokensDialog</name>
    <message>
        <source>Tokens of the answer</source>
        <translation>答覆的 token</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Probability</source>
        <translation>機率</translation>
    </message>
    <message>
        <source>Continue from here</source>
        <translation>從這裡繼續</translation>
    </message>
    <message>
        <source>Open a token and choose another one: the answer goes on from it.</source>
        <translation>展開一個 token 並選擇另一個：答覆會從它繼續。</translation>
    </message>
</context>
<context>
    <name>Transcript</name>
    <message>
        <source>Jump to the end</source>
        <translation>跳到最後</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>訊息</translation>
    </message>
</context>
<context>
    <name>TransferRow</name>
    <message>
        <source>Pause</source>
        <translation>暫停</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>繼續</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重試</translation>
    </message>
</context>
<context>
    <name>Transfers</name>
    <message>
        <source>%1, to the network</source>
        <translation>%1（上傳）</translation>
    </message>
    <message>
        <source>waits for its turn</source>
        <translation>等候中</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暫停</translation>
    </message>
    <message>
        <source>done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>cancelled; what has arrived is kept for a while</source>
        <translation>已取消；已收到的部分會保留一段時間</translation>
    </message>
    <message>
        <source>transfers: %1</source>
        <translation>傳輸：%1</translation>
    </message>
    <message>
        <source>%1 left, estimated</source>
        <translation>估計還需 %1</translation>
    </message>
    <message>
        <source>%1/s</source>
        <translation>%1/秒</translation>
    </message>
</context>
<context>
    <name>TransfersPage</name>
    <message>
        <source>Downloads</source>
        <translation>下載</translation>
    </message>
    <message>
        <source>Clear the history</source>
        <translation>清除紀錄</translation>
    </message>
    <message>
        <source>Find models…</source>
        <translation>尋找模型…</translation>
    </message>
    <message>
        <source>Nothing was downloaded or uploaded yet.</source>
        <translation>還沒有下載或上傳過任何東西。</translation>
    </message>
    <message>
        <source>Downloads and uploads</source>
        <translation>下載與上傳</translation>
    </message>
</context>
<context>
    <name>TrashDialog</name>
    <message>
        <source>Restore from the trash</source>
        <translation>從資源回收桶還原</translation>
    </message>
    <message numerus="yes">
        <source>Removed models stay here for %n day(s).</source>
        <translation>
            <numerusform>移除的模型會在這裡保留 %n 天。</numerusform>
        </translation>
    </message>
    <message>
        <source>The trash is empty.</source>
        <translation>資源回收桶是空的。</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>還原</translation>
    </message>
    <message>
        <source>Removed models</source>
        <translation>已移除的模型</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名稱</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Removed</source>
        <translation>移除時間</translation>
    </message>
</context>
<context>
    <name>Upload</name>
    <message>
        <source>Upload</source>
        <translation>上傳</translation>
    </message>
    <message>
        <source>Upload to Hugging Face</source>
        <translation>上傳到 Hugging Face</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Repository, made if it is not there</source>
        <translation>儲存庫（不存在時會建立）</translation>
    </message>
    <message>
        <source>A new repository is only mine to see</source>
        <translation>新儲存庫只有我看得到</translation>
    </message>
    <message>
        <source>Left empty, Corral writes one of what it knows.</source>
        <translation>留空時，Corral 會依已知資訊撰寫。</translation>
    </message>
    <message>
        <source>Model card</source>
        <translation>模型卡</translation>
    </message>
</context>
<context>
    <name>WaysDialog</name>
    <message>
        <source>Ways to load %1</source>
        <translation>載入 %1 的方式</translation>
    </message>
    <message>
        <source>Questions</source>
        <translation>問題</translation>
    </message>
    <message>
        <source>Best ways to load</source>
        <translation>最佳載入方式</translation>
    </message>
    <message>
        <source>What would it need</source>
        <translation>它需要什麼</translation>
    </message>
    <message>
        <source>On this machine, with no model loaded.</source>
        <translation>在這台電腦上，假設沒有載入任何模型。</translation>
    </message>
    <message>
        <source>Planned on %1, not on this machine.</source>
        <translation>以 %1 規劃，不是這台電腦。</translation>
    </message>
</context>
<context>
    <name>WaysPane</name>
    <message>
        <source>What is wanted most</source>
        <translation>最想要的是什麼</translation>
    </message>
    <message>
        <source>the fastest</source>
        <translation>最快</translation>
    </message>
    <message>
        <source>the longest context</source>
        <translation>最長的上下文</translation>
    </message>
    <message>
        <source>Context length</source>
        <translation>上下文長度</translation>
    </message>
    <message>
        <source>what suits the machine</source>
        <translation>適合這台電腦的長度</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>個 token</translation>
    </message>
    <message>
        <source>Memory that stays free</source>
        <translation>保留的可用記憶體</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>尋找</translation>
    </message>
    <message>
        <source>KV cache as %1</source>
        <translation>KV 快取用 %1</translation>
    </message>
    <message>
        <source>Wanted most</source>
        <translation>最想要</translation>
    </message>
    <message>
        <source>Context, at least</source>
        <translation>上下文至少</translation>
    </message>
    <message>
        <source>Leave free</source>
        <translation>保留可用</translation>
    </message>
    <message>
        <source>KV types</source>
        <translation>KV 快取類型</translation>
    </message>
    <message>
        <source>Best ways to load</source>
        <translation>最佳載入方式</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Second opinion, llama.cpp&apos;s own fit: %1</source>
        <translation>第二意見，llama.cpp 自己的配置：%1</translation>
    </message>
    <message>
        <source>All placements, types of the KV cache and micro-batches are tried, with flash attention where the model allows it; the three best stand here with their reasons.</source>
        <translation>會嘗試各種擺放方式、KV 快取類型與微批次，模型允許時使用 Flash 注意力；最好的三種會連同理由列在這裡。</translation>
    </message>
    <message>
        <source>Nothing was found with which it fits. Ask for a shorter context, or see what it would need.</source>
        <translation>找不到放得下的方式。請縮短上下文，或看看它需要什麼。</translation>
    </message>
    <message>
        <source>Second opinion: llama.cpp&apos;s own fit, which leaves 1 GiB free</source>
        <translation>第二意見：llama.cpp 自己的配置，保留 1 GiB 可用</translation>
    </message>
</context>
<context>
    <name>WaysPresenter</name>
    <message>
        <source>Asking llama.cpp</source>
        <translation>正在詢問 llama.cpp</translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>Chats and Modelfiles open here.</source>
        <translation>對話和 Modelfile 會在這裡開啟。</translation>
    </message>
    <message>
        <source>Drop a .gguf file on the window, or talk to a model of the library.</source>
        <translation>將 .gguf 檔案拖放到視窗，或與模型庫中的模型對話。</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新對話</translation>
    </message>
    <message>
        <source>Open GGUF…</source>
        <translation>開啟 GGUF…</translation>
    </message>
</context>
<context>
    <name>WorkersDialog</name>
    <message>
        <source>RPC workers</source>
        <translation>RPC 工作機</translation>
    </message>
    <message>
        <source>Address of a worker</source>
        <translation>工作機位址</translation>
    </message>
    <message>
        <source>Add and ask</source>
        <translation>新增並詢問</translation>
    </message>
    <message>
        <source>Ask all</source>
        <translation>全部詢問</translation>
    </message>
    <message>
        <source>Take off the list</source>
        <translation>從清單移除</translation>
    </message>
    <message>
        <source>Worker</source>
        <translation>工作機</translation>
    </message>
    <message>
        <source>State</source>
        <translation>狀態</translation>
    </message>
    <message>
        <source>Workers are machines that compute with llama.cpp&apos;s rpc-server. Those that answer count as graphics cards of this machine in plans and loads until Corral ends. None is connected to before you add it or ask it.</source>
        <translation>工作機是以 llama.cpp 的 rpc-server 運算的電腦。有回應的工作機在 Corral 結束前，於規劃與載入時都視為本機的顯示卡。在您新增或詢問之前，不會連線到任何一部。</translation>
    </message>
    <message>
        <source>%1 is off the list.</source>
        <translation>%1 已從清單移除。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>復原</translation>
    </message>
</context>
<context>
    <name>WorkersPresenter</name>
    <message>
        <source>%1 is on the list already.</source>
        <translation>%1 已在清單上。</translation>
    </message>
    <message>
        <source>Asking…</source>
        <translation>正在詢問…</translation>
    </message>
    <message>
        <source>Serves a loaded model</source>
        <translation>正為已載入的模型運算</translation>
    </message>
    <message>
        <source>Not asked yet</source>
        <translation>尚未詢問</translation>
    </message>
    <message>
        <source>Answers: %1</source>
        <translation>有回應：%1</translation>
    </message>
    <message>
        <source>%1 of %2 free when asked</source>
        <translation>詢問時可用 %1（共 %2）</translation>
    </message>
</context>
<context>
    <name>_Chip</name>
    <message>
        <source>Attached; Delete takes it back</source>
        <translation>已附加；按 Delete 可收回</translation>
    </message>
    <message>
        <source>Take back %1</source>
        <translation>收回 %1</translation>
    </message>
</context>
<context>
    <name>_CodeText</name>
    <message>
        <source>Code</source>
        <translation>程式碼</translation>
    </message>
</context>
<context>
    <name>_Details</name>
    <message>
        <source>Details of the message</source>
        <translation>訊息的詳細資料</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>複製</translation>
    </message>
    <message>
        <source>Copy the details</source>
        <translation>複製詳細資料</translation>
    </message>
</context>
<context>
    <name>_ImaginedBanner</name>
    <message>
        <source>Not this machine: all that is shown here is planned, nothing is measured.</source>
        <translation>不是這台電腦：這裡顯示的都是規劃值，沒有實測。</translation>
    </message>
    <message>
        <source>Back to this machine</source>
        <translation>回到這台電腦</translation>
    </message>
    <message>
        <source>Planned on %1</source>
        <translation>以 %1 規劃</translation>
    </message>
</context>
<context>
    <name>_LayerHeader</name>
    <message>
        <source>Layers</source>
        <translation>層</translation>
    </message>
</context>
<context>
    <name>_Moves</name>
    <message>
        <source>It would fit with:</source>
        <translation>這樣就放得下：</translation>
    </message>
</context>
<context>
    <name>_Problems</name>
    <message>
        <source>Problems · %1</source>
        <translation>問題 · %1</translation>
    </message>
    <message>
        <source>Line %1: </source>
        <translation>第 %1 行：</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>顯示</translation>
    </message>
</context>
</TS>
