<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Actions</name>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Chat</source>
        <translation>对话(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Open GGUF…</source>
        <translation>打开 GGUF…</translation>
    </message>
    <message>
        <source>Close tab</source>
        <translation>关闭标签页</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Choose model…</source>
        <translation>选择模型…</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>加载</translation>
    </message>
    <message>
        <source>Unload</source>
        <translation>卸载</translation>
    </message>
    <message>
        <source>What if…</source>
        <translation>假如…</translation>
    </message>
    <message>
        <source>RPC workers…</source>
        <translation>RPC 工作机…</translation>
    </message>
    <message>
        <source>Best ways to load…</source>
        <translation>最佳加载方式…</translation>
    </message>
    <message>
        <source>Planned and measured…</source>
        <translation>规划与实测…</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>所有模型</translation>
    </message>
    <message>
        <source>Find models…</source>
        <translation>查找模型…</translation>
    </message>
    <message>
        <source>Downloads</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Upload to Hugging Face…</source>
        <translation>上传到 Hugging Face…</translation>
    </message>
    <message>
        <source>Folders with models…</source>
        <translation>存放模型的文件夹…</translation>
    </message>
    <message>
        <source>Duplicates</source>
        <translation>重复内容</translation>
    </message>
    <message>
        <source>Check the models…</source>
        <translation>检查模型…</translation>
    </message>
    <message>
        <source>Restore from the trash…</source>
        <translation>从回收站还原…</translation>
    </message>
    <message>
        <source>New Modelfile</source>
        <translation>新建 Modelfile</translation>
    </message>
    <message>
        <source>Show Modelfile</source>
        <translation>显示 Modelfile</translation>
    </message>
    <message>
        <source>Create model</source>
        <translation>创建模型</translation>
    </message>
    <message>
        <source>Next problem</source>
        <translation>下一个问题</translation>
    </message>
    <message>
        <source>What can be written here</source>
        <translation>显示可以写什么</translation>
    </message>
    <message>
        <source>Save conversation as model…</source>
        <translation>将对话保存为模型…</translation>
    </message>
    <message>
        <source>Regenerate</source>
        <translation>重新生成</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Previous variant</source>
        <translation>上一个版本</translation>
    </message>
    <message>
        <source>Next variant</source>
        <translation>下一个版本</translation>
    </message>
    <message>
        <source>Copy last reply</source>
        <translation>复制最后一条回复</translation>
    </message>
    <message>
        <source>Search models and chats</source>
        <translation>搜索模型和对话</translation>
    </message>
    <message>
        <source>Larger text</source>
        <translation>放大文字</translation>
    </message>
    <message>
        <source>Smaller text</source>
        <translation>缩小文字</translation>
    </message>
    <message>
        <source>Normal text size</source>
        <translation>标准文字大小</translation>
    </message>
    <message>
        <source>Show or hide the library</source>
        <translation>显示或隐藏模型库</translation>
    </message>
    <message>
        <source>Show or hide the hardware</source>
        <translation>显示或隐藏硬件</translation>
    </message>
    <message>
        <source>Map of layers and contexts</source>
        <translation>层与上下文图</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>About Corral</source>
        <translation>关于 Corral</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>配色</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>As the system is</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
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
        <translation>JSON Schema 或语法</translation>
    </message>
    <message>
        <source>off</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>such as: yes=2 | 1234=-inf</source>
        <translation>例如：yes=2 | 1234=-inf</translation>
    </message>
    <message>
        <source>Other adapters than the model&apos;s own</source>
        <translation>不用模型自己的适配器，改用其他的</translation>
    </message>
    <message>
        <source>Add an adapter…</source>
        <translation>添加适配器…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>The JSON schema or the grammar is missing.</source>
        <translation>缺少 JSON Schema 或语法。</translation>
    </message>
    <message>
        <source>Free text</source>
        <translation>自由文本</translation>
    </message>
    <message>
        <source>Any JSON object</source>
        <translation>任意 JSON 对象</translation>
    </message>
    <message>
        <source>By a JSON schema</source>
        <translation>按 JSON Schema</translation>
    </message>
    <message>
        <source>By a grammar (GBNF)</source>
        <translation>按语法（GBNF）</translation>
    </message>
    <message>
        <source>As the settings say</source>
        <translation>依设置</translation>
    </message>
    <message>
        <source>Leave out the oldest messages</source>
        <translation>略去最旧的消息</translation>
    </message>
    <message>
        <source>Also drop the middle of a long answer</source>
        <translation>并舍弃长回答的中段</translation>
    </message>
    <message>
        <source>Refuse what does not fit whole</source>
        <translation>放不下就拒绝</translation>
    </message>
    <message>
        <source>Adapters</source>
        <translation>适配器</translation>
    </message>
    <message>
        <source>Adapter</source>
        <translation>适配器</translation>
    </message>
    <message>
        <source>Scale</source>
        <translation>强度</translation>
    </message>
    <message>
        <source>“%1” is no bias: write TOKEN=VALUE.</source>
        <translation>“%1”不是偏置：请写成 TOKEN=数值。</translation>
    </message>
    <message>
        <source>Form of answers</source>
        <translation>回答的形式</translation>
    </message>
    <message>
        <source>When the context is full</source>
        <translation>上下文满了时</translation>
    </message>
    <message>
        <source>Alternatives of each token</source>
        <translation>每个 token 的候选数</translation>
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
        <translation>附加于此消息</translation>
    </message>
</context>
<context>
    <name>CalibrationRun</name>
    <message>
        <source>Calibrating…</source>
        <translation>正在校准…</translation>
    </message>
    <message>
        <source>Calibrating, %1 of %2 · Cancel</source>
        <translation>正在校准，%1 / %2 · 取消</translation>
    </message>
</context>
<context>
    <name>CardsView</name>
    <message>
        <source>Graphics cards</source>
        <translation>显卡</translation>
    </message>
    <message>
        <source>Graphics card</source>
        <translation>显卡</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Bandwidth</source>
        <translation>带宽</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>列</translation>
    </message>
    <message>
        <source>main memory: %1</source>
        <translation>主内存：%1</translation>
    </message>
</context>
<context>
    <name>CellTensors</name>
    <message>
        <source>Tensor</source>
        <translation>张量</translation>
    </message>
    <message>
        <source>Part</source>
        <translation>部分</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>In memory</source>
        <translation>占用内存</translation>
    </message>
    <message>
        <source>%1, mapped</source>
        <translation>%1，文件映射</translation>
    </message>
</context>
<context>
    <name>Chat</name>
    <message>
        <source>from the model</source>
        <translation>模型内置</translation>
    </message>
    <message>
        <source>the context was full: %1 tokens of its middle were dropped</source>
        <translation>上下文已满：中段的 %1 个 token 已舍弃</translation>
    </message>
    <message>
        <source>interrupted: Corral ended while this was written</source>
        <translation>已中断：写到一半时 Corral 退出了</translation>
    </message>
    <message>
        <source>%1 tokens/s</source>
        <translation>每秒 %1 个 token</translation>
    </message>
    <message>
        <source>%1 s to first token</source>
        <translation>%1 秒后出现第一个 token</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 个 token</translation>
    </message>
    <message>
        <source>%1 of %2 guessed tokens were right</source>
        <translation>预测的 %2 个 token 中有 %1 个正确</translation>
    </message>
    <message>
        <source>%1 of the oldest messages did not fit into the context</source>
        <translation>最早的 %1 条消息放不进上下文</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>Checking the model</source>
        <translation>正在检查模型</translation>
    </message>
    <message>
        <source>Loading %1 %</source>
        <translation>加载中 %1 %</translation>
    </message>
    <message>
        <source>Preparing the prompt</source>
        <translation>正在准备提示词</translation>
    </message>
    <message>
        <source>Reading the prompt, %1 of %2 tokens</source>
        <translation>正在读取提示词，%1 / %2 个 token</translation>
    </message>
    <message>
        <source>Looking</source>
        <translation>正在查看</translation>
    </message>
    <message>
        <source>stopped by the model</source>
        <translation>由模型结束</translation>
    </message>
    <message>
        <source>stopped: no room left</source>
        <translation>已停止：上下文已满</translation>
    </message>
    <message>
        <source>stopped by you</source>
        <translation>已由你停止</translation>
    </message>
    <message>
        <source>The model is not in the library.</source>
        <translation>该模型不在模型库中。</translation>
    </message>
    <message>
        <source>This model has no projector: it cannot see or hear.</source>
        <translation>该模型没有投影器：它看不见也听不见。</translation>
    </message>
    <message>
        <source>Attach pictures or sounds</source>
        <translation>附加图片或声音</translation>
    </message>
    <message>
        <source>Pictures and sounds (%1)</source>
        <translation>图片和声音 (%1)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>%1 is a picture, and %2 cannot see.</source>
        <translation>%1 是图片，而 %2 看不见。</translation>
    </message>
    <message>
        <source>%1 is a sound, and %2 cannot hear.</source>
        <translation>%1 是声音，而 %2 听不见。</translation>
    </message>
    <message>
        <source>its file is lost</source>
        <translation>文件已丢失</translation>
    </message>
</context>
<context>
    <name>ChatPanel</name>
    <message>
        <source>Model of this chat</source>
        <translation>这个对话的模型</translation>
    </message>
    <message>
        <source>The model is loaded</source>
        <translation>模型已加载</translation>
    </message>
    <message>
        <source>TEMPLATE set aside: use it</source>
        <translation>TEMPLATE 未采用：改用它</translation>
    </message>
    <message>
        <source>System text and parameters</source>
        <translation>系统提示词和参数</translation>
    </message>
    <message>
        <source>Ask something, or go on with a text.</source>
        <translation>问点什么，或让模型续写一段文字。</translation>
    </message>
    <message>
        <source>The answer begins</source>
        <translation>开始回答</translation>
    </message>
    <message>
        <source>The answer has ended</source>
        <translation>回答结束</translation>
    </message>
    <message>
        <source>Load anyway</source>
        <translation>仍要加载</translation>
    </message>
    <message>
        <source>pasted picture</source>
        <translation>粘贴的图片</translation>
    </message>
    <message>
        <source>A LoRA adapter</source>
        <translation>LoRA 适配器</translation>
    </message>
    <message>
        <source>GGUF files (*.gguf)</source>
        <translation>GGUF 文件 (*.gguf)</translation>
    </message>
</context>
<context>
    <name>ChatPresenter</name>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>not in the library</source>
        <translation>不在模型库中</translation>
    </message>
    <message>
        <source>not loaded</source>
        <translation>未加载</translation>
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
        <translation>模型“%1”不在模型库中。</translation>
    </message>
    <message>
        <source>This message is not in the shown branch.</source>
        <translation>这条消息不在当前显示的分支中。</translation>
    </message>
</context>
<context>
    <name>Check</name>
    <message>
        <source>damaged file</source>
        <translation>损坏的文件</translation>
    </message>
    <message>
        <source>missing file</source>
        <translation>缺失的文件</translation>
    </message>
    <message>
        <source>changed linked file</source>
        <translation>已更改的链接文件</translation>
    </message>
    <message>
        <source>unreadable manifest</source>
        <translation>无法读取的清单</translation>
    </message>
    <message>
        <source>stray file</source>
        <translation>不属于这里的文件</translation>
    </message>
    <message>
        <source>broken model in the trash</source>
        <translation>回收站中损坏的模型</translation>
    </message>
    <message>
        <source>record of a link without its file</source>
        <translation>没有文件的链接记录</translation>
    </message>
    <message>
        <source>file that no model names</source>
        <translation>没有模型使用的文件</translation>
    </message>
    <message>
        <source>unfinished file</source>
        <translation>未完成的文件</translation>
    </message>
</context>
<context>
    <name>CheckPage</name>
    <message>
        <source>Check</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>Check the models</source>
        <translation>检查模型</translation>
    </message>
    <message>
        <source>Reads every file whole and compares it with its digest.</source>
        <translation>完整读取每个文件，并与其摘要比对。</translation>
    </message>
    <message>
        <source>Mend</source>
        <translation>修复</translation>
    </message>
    <message>
        <source>Damaged files are set aside and models that lost one go to the trash. Only what an interruption left behind is removed.</source>
        <translation>损坏的文件会另外存放，缺少文件的模型会移到回收站。只会删除中断后残留的内容。</translation>
    </message>
    <message>
        <source>A check tells what is damaged, missing or left over. It changes nothing.</source>
        <translation>检查会指出损坏、缺失或残留的内容，不会更改任何东西。</translation>
    </message>
    <message>
        <source>What is wrong</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>种类</translation>
    </message>
    <message>
        <source>Mended</source>
        <translation>已修复</translation>
    </message>
    <message>
        <source>Checking; the line at the foot shows how far it is.</source>
        <translation>正在检查；底部的状态栏会显示进度。</translation>
    </message>
    <message>
        <source>The check was cancelled.</source>
        <translation>已取消检查。</translation>
    </message>
    <message>
        <source>The check could not be finished.</source>
        <translation>无法完成检查。</translation>
    </message>
    <message numerus="yes">
        <source>%1 read in %n model(s).</source>
        <translation>
            <numerusform>已读取 %n 个模型的 %1。</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing is wrong.</source>
        <translation>没有问题。</translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) can be mended.</source>
        <translation>
            <numerusform>有 %n 个问题可以修复。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) were mended.</source>
        <translation>
            <numerusform>已修复 %n 个问题。</numerusform>
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
        <translation>回答每秒 %1 个 token，提示每秒 %2 个 token；%3</translation>
    </message>
    <message>
        <source>Plan with this</source>
        <translation>按此规划</translation>
    </message>
    <message>
        <source>Use this</source>
        <translation>采用</translation>
    </message>
    <message>
        <source>%1: %2 of %3 free</source>
        <translation>%1：%2 / 可用 %3</translation>
    </message>
    <message>
        <source>planned exactly, by llama.cpp&apos;s dry run</source>
        <translation>由 llama.cpp 试运行精确规划</translation>
    </message>
    <message>
        <source>planned by formulas</source>
        <translation>用公式规划</translation>
    </message>
    <message>
        <source>memory</source>
        <translation>内存</translation>
    </message>
</context>
<context>
    <name>CodeSegment</name>
    <message>
        <source>Copy this code</source>
        <translation>复制这段代码</translation>
    </message>
    <message>
        <source>text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message>
        <source>Save conversation as model</source>
        <translation>将对话保存为模型</translation>
    </message>
    <message>
        <source>Name of the new model</source>
        <translation>新模型的名称</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>%1 is in the library.</source>
        <translation>%1 已加入模型库。</translation>
    </message>
    <message>
        <source>Chat with it</source>
        <translation>开始对话</translation>
    </message>
    <message>
        <source>The Modelfile was closed; no model was made of its last text.</source>
        <translation>Modelfile 已关闭；最后的内容尚未创建成模型。</translation>
    </message>
    <message>
        <source>Open a GGUF file</source>
        <translation>打开 GGUF 文件</translation>
    </message>
    <message>
        <source>GGUF models (*.gguf)</source>
        <translation>GGUF 模型 (*.gguf)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
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
        <translation>保存为模型…</translation>
    </message>
    <message>
        <source>Cancel editing</source>
        <translation>取消编辑</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>Attach pictures or sounds to the message</source>
        <translation>将图片或声音附加到消息</translation>
    </message>
    <message>
        <source>Message %1…</source>
        <translation>给 %1 发消息…</translation>
    </message>
    <message>
        <source>Message…</source>
        <translation>输入消息…</translation>
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
        <translation>%1 个 token</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>about %1 of %2, estimated</source>
        <translation>约 %1 / %2（估计）</translation>
    </message>
</context>
<context>
    <name>ContextPlot</name>
    <message>
        <source>Memory and speed over the context length</source>
        <translation>内存与速度随上下文长度的变化</translation>
    </message>
</context>
<context>
    <name>ContextSection</name>
    <message>
        <source>Context lengths</source>
        <translation>各种上下文长度</translation>
    </message>
    <message>
        <source>Context length</source>
        <translation>上下文长度</translation>
    </message>
    <message>
        <source>Planned by formulas; speeds are estimated with the whole context in use.</source>
        <translation>按公式规划；速度为上下文全部用满时的估计。</translation>
    </message>
    <message>
        <source>The table is planned exactly, by llama.cpp&apos;s dry run, the curves by formulas; speeds are estimated with the whole context in use.</source>
        <translation>表格由 llama.cpp 试运行精确规划，曲线按公式规划；速度为上下文全部用满时的估计。</translation>
    </message>
    <message>
        <source>Plan with %1 tokens</source>
        <translation>以 %1 个 token规划</translation>
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
        <translation>规划</translation>
    </message>
    <message>
        <source>Tokens/s</source>
        <translation>token/秒</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>planned now</source>
        <translation>当前规划</translation>
    </message>
    <message>
        <source>trained length</source>
        <translation>训练长度</translation>
    </message>
</context>
<context>
    <name>Counts</name>
    <message numerus="yes">
        <source>%n minute(s) ago</source>
        <translation>
            <numerusform>%n 分钟前</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s) ago</source>
        <translation>
            <numerusform>%n 小时前</numerusform>
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
            <numerusform>%n 周前</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n month(s) ago</source>
        <translation>
            <numerusform>%n 个月前</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>+ %n message(s)</source>
        <translation>
            <numerusform>+ %n 条消息</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>shared with %n other model(s)</source>
        <translation>
            <numerusform>与另外 %n 个模型共用</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CrashNotices</name>
    <message>
        <source>The last run died while llama.cpp was busy with %1.</source>
        <translation>上次运行在 llama.cpp 处理 %1 时异常退出。</translation>
    </message>
    <message>
        <source>It is not loaded again before you say so.</source>
        <translation>在你允许之前不会再次加载。</translation>
    </message>
    <message>
        <source>Allow it again</source>
        <translation>再次允许</translation>
    </message>
    <message>
        <source>llama.cpp failed and was stopped.</source>
        <translation>llama.cpp 出错，已被停止。</translation>
    </message>
    <message>
        <source>Restart Corral</source>
        <translation>重新启动 Corral</translation>
    </message>
    <message>
        <source>New context</source>
        <translation>新建上下文</translation>
    </message>
    <message>
        <source>Load the model again</source>
        <translation>重新加载模型</translation>
    </message>
    <message>
        <source>The window and your conversations are safe.</source>
        <translation>窗口和你的对话都不受影响。</translation>
    </message>
    <message>
        <source>The model can answer again. Ask anew, or regenerate.</source>
        <translation>模型又可以回答了。请再问一次，或重新生成。</translation>
    </message>
</context>
<context>
    <name>DetailsPage</name>
    <message>
        <source>Details: %1</source>
        <translation>详细信息：%1</translation>
    </message>
    <message>
        <source>There is no such model any more.</source>
        <translation>这个模型已不存在。</translation>
    </message>
    <message>
        <source>Template</source>
        <translation>模板</translation>
    </message>
    <message>
        <source>System text</source>
        <translation>系统文本</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>许可证</translation>
    </message>
    <message>
        <source>Copy name</source>
        <translation>复制名称</translation>
    </message>
    <message>
        <source>Modelfile</source>
        <translation>Modelfile</translation>
    </message>
    <message>
        <source>Make it mine…</source>
        <translation>纳入我的模型库…</translation>
    </message>
    <message>
        <source>Save as GGUF file…</source>
        <translation>另存为 GGUF 文件…</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Parts of the model</source>
        <translation>模型的各部分</translation>
    </message>
    <message>
        <source>Overview</source>
        <translation>概览</translation>
    </message>
    <message>
        <source>Metadata</source>
        <translation>元数据</translation>
    </message>
    <message>
        <source>Tensors</source>
        <translation>张量</translation>
    </message>
    <message>
        <source>System</source>
        <translation>系统</translation>
    </message>
    <message>
        <source>It has no system text.</source>
        <translation>没有系统文本。</translation>
    </message>
    <message>
        <source>It sets no parameters.</source>
        <translation>没有设置参数。</translation>
    </message>
    <message>
        <source>It names no licence.</source>
        <translation>没有注明许可证。</translation>
    </message>
</context>
<context>
    <name>DetailsPresenter</name>
    <message>
        <source>Problem</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>适合度</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
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
        <translation>嵌入长度</translation>
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
        <translation>标识</translation>
    </message>
    <message>
        <source>The model&apos;s own Go template</source>
        <translation>模型自己的 Go 模板</translation>
    </message>
    <message>
        <source>The Jinja template of the GGUF file</source>
        <translation>GGUF 文件内的 Jinja 模板</translation>
    </message>
    <message>
        <source>No chat template: the model continues text.</source>
        <translation>没有对话模板：模型会接续文本。</translation>
    </message>
</context>
<context>
    <name>DeviceBars</name>
    <message>
        <source>weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>KV</source>
        <translation>KV</translation>
    </message>
    <message>
        <source>compute</source>
        <translation>计算</translation>
    </message>
    <message>
        <source>in use by others</source>
        <translation>其他程序占用</translation>
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
        <translation>重复内容</translation>
    </message>
    <message>
        <source>Compare files</source>
        <translation>比对文件</translation>
    </message>
    <message>
        <source>Reads files of the same size whole, to know whether they are the same.</source>
        <translation>完整读取大小相同的文件，确认内容是否相同。</translation>
    </message>
    <message>
        <source>Content in several places</source>
        <translation>存了好几份的内容</translation>
    </message>
    <message>
        <source>Models and places</source>
        <translation>模型与位置</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Would be freed</source>
        <translation>可释放</translation>
    </message>
    <message>
        <source>Comparing files; the line at the foot shows how far it is.</source>
        <translation>正在比对文件；进度显示在底部。</translation>
    </message>
    <message>
        <source>Nothing is known to lie in several places.</source>
        <translation>目前没有发现重复的内容。</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) lie in several places; keeping one of each would free %1.</source>
        <translation>
            <numerusform>有 %n 个文件存了好几份；各留一份可释放 %1。</numerusform>
        </translation>
    </message>
    <message>
        <source>the same file, linked</source>
        <translation>同一个文件（链接）</translation>
    </message>
</context>
<context>
    <name>FiguresTable</name>
    <message>
        <source>planned</source>
        <translation>规划</translation>
    </message>
    <message>
        <source>measured</source>
        <translation>实测</translation>
    </message>
</context>
<context>
    <name>FoldersDialog</name>
    <message>
        <source>Folders with models</source>
        <translation>存放模型的文件夹</translation>
    </message>
    <message>
        <source>Models in these folders are used where they are; nothing is changed there.</source>
        <translation>这些文件夹里的模型就地使用，不会改动其中的内容。</translation>
    </message>
    <message>
        <source>Add a folder…</source>
        <translation>添加文件夹…</translation>
    </message>
    <message>
        <source>Take off the list</source>
        <translation>从列表移除</translation>
    </message>
    <message>
        <source>not there</source>
        <translation>不存在</translation>
    </message>
    <message>
        <source>Added by you</source>
        <translation>由你添加</translation>
    </message>
    <message>
        <source>Whose</source>
        <translation>属于</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
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
        <translation>RPC 工作机 %1</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>in use by others</source>
        <translation>其他程序占用</translation>
    </message>
    <message>
        <source>%1, %2; %3 RAM, %4 free.</source>
        <translation>%1，%2；内存 %3，可用 %4。</translation>
    </message>
    <message>
        <source>%1 (%2): %3 VRAM, %4 free.</source>
        <translation>%1（%2）：显存 %3，可用 %4。</translation>
    </message>
    <message>
        <source>RPC worker %2: %3, %4 free.</source>
        <translation>RPC 工作机 %2：%3，可用 %4。</translation>
    </message>
    <message>
        <source>Loaded.</source>
        <translation>已加载。</translation>
    </message>
    <message>
        <source>Over your limit.</source>
        <translation>超过你设的上限。</translation>
    </message>
    <message>
        <source>Fits.</source>
        <translation>放得下。</translation>
    </message>
    <message>
        <source>Tight.</source>
        <translation>偏紧。</translation>
    </message>
    <message>
        <source>Does not fit.</source>
        <translation>放不下。</translation>
    </message>
    <message>
        <source>%1 planned, %2 free, of which %3 can be used.</source>
        <translation>规划需要 %1，当前可用 %2，扣除预留后为 %3。</translation>
    </message>
    <message>
        <source>All on the CPU, %1 left.</source>
        <translation>全部在 CPU 上，剩余 %1。</translation>
    </message>
    <message>
        <source>%1 of %2 layers on the GPU, %3 left.</source>
        <translation>%2 层中有 %1 层在 GPU 上，剩余 %3。</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>weights, mapped file</source>
        <translation>权重（文件映射）</translation>
    </message>
    <message>
        <source>KV cache</source>
        <translation>KV 缓存</translation>
    </message>
    <message>
        <source>compute</source>
        <translation>计算</translation>
    </message>
    <message>
        <source>output</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>projector</source>
        <translation>投影器</translation>
    </message>
    <message>
        <source>adapters</source>
        <translation>适配器</translation>
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
        <translation>合计</translation>
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
        <translation>由 llama.cpp 试运行精确规划</translation>
    </message>
    <message>
        <source>planned by formulas, the compute buffers to about 10 %</source>
        <translation>按公式规划，计算缓冲区误差约 10 %</translation>
    </message>
    <message>
        <source>%1; nothing measured: it is not loaded with this plan</source>
        <translation>%1；没有实测值：模型未按此规划加载</translation>
    </message>
    <message>
        <source>%1 of loaded models counts as free: they give way</source>
        <translation>已加载模型占用的 %1 视为可用：它们会让出</translation>
    </message>
    <message>
        <source>unknown for this architecture: %1</source>
        <translation>这种架构的下列部分未知：%1</translation>
    </message>
    <message>
        <source>speed unknown for this memory or architecture</source>
        <translation>这种内存或架构的速度未知</translation>
    </message>
    <message>
        <source>speed narrowed by measuring this machine</source>
        <translation>速度已按本机实测校正</translation>
    </message>
    <message>
        <source>answers narrowed by measuring here, prompts from tables</source>
        <translation>回答已按本机实测校正，提示按表格</translation>
    </message>
    <message>
        <source>prompts narrowed by measuring here, answers from tables</source>
        <translation>提示已按本机实测校正，回答按表格</translation>
    </message>
    <message>
        <source>speed estimated from tables</source>
        <translation>速度按表格估计</translation>
    </message>
    <message>
        <source>KV cache as %1</source>
        <translation>KV 缓存用 %1</translation>
    </message>
    <message>
        <source>Context of %1 tokens</source>
        <translation>上下文 %1 个 token</translation>
    </message>
    <message>
        <source>Experts of %1 layers in main memory</source>
        <translation>%1 层的专家放在主内存</translation>
    </message>
    <message>
        <source>%1 layers on the GPU</source>
        <translation>%1 层在 GPU 上</translation>
    </message>
    <message>
        <source>%1, about %2 tokens/s</source>
        <translation>%1，约每秒 %2 个 token</translation>
    </message>
    <message>
        <source>layers shared by the cards as %1</source>
        <translation>各显卡分到的层数 %1</translation>
    </message>
    <message>
        <source>%1 (size not told)</source>
        <translation>%1（未告知大小）</translation>
    </message>
    <message>
        <source>others: %1</source>
        <translation>其他程序：%1</translation>
    </message>
    <message>
        <source>all on the GPU</source>
        <translation>全部在 GPU 上</translation>
    </message>
    <message>
        <source>one card is enough</source>
        <translation>一张卡就够</translation>
    </message>
    <message>
        <source>over all cards</source>
        <translation>分到所有显卡</translation>
    </message>
    <message>
        <source>experts of some layers in main memory</source>
        <translation>部分层的专家在主内存</translation>
    </message>
    <message>
        <source>some layers in main memory</source>
        <translation>部分层在主内存</translation>
    </message>
    <message>
        <source>on the processor</source>
        <translation>在处理器上</translation>
    </message>
    <message>
        <source>KV cache in full quality</source>
        <translation>KV 缓存质量不减</translation>
    </message>
    <message>
        <source>smaller KV cache</source>
        <translation>较小的 KV 缓存</translation>
    </message>
    <message>
        <source>large micro-batches for prompts</source>
        <translation>用大微批次处理提示</translation>
    </message>
    <message>
        <source>all of the trained context</source>
        <translation>用满训练时的上下文</translation>
    </message>
    <message>
        <source>context %1</source>
        <translation>上下文 %1</translation>
    </message>
    <message>
        <source>%1 of %2 layers on the GPU</source>
        <translation>%2 层中有 %1 层在 GPU 上</translation>
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
        <translation>已保存但尚未询问的 RPC 工作机：%1 台；请见“工作机…”。</translation>
    </message>
</context>
<context>
    <name>HardwarePanel</name>
    <message>
        <source>Hardware</source>
        <translation>硬件</translation>
    </message>
    <message>
        <source>What if…</source>
        <translation>假如…</translation>
    </message>
    <message>
        <source>Plan for a machine that is not there</source>
        <translation>为不在手边的电脑做规划</translation>
    </message>
    <message>
        <source>Workers…</source>
        <translation>工作机…</translation>
    </message>
    <message>
        <source>Compute on other machines too</source>
        <translation>也用其他计算机运算</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>KV</source>
        <translation>KV</translation>
    </message>
    <message>
        <source>compute</source>
        <translation>计算</translation>
    </message>
    <message>
        <source>in use</source>
        <translation>已占用</translation>
    </message>
    <message>
        <source>Choose a model to load first.</source>
        <translation>请先选择要加载的模型。</translation>
    </message>
</context>
<context>
    <name>HardwarePresenter</name>
    <message>
        <source>Looking at this machine…</source>
        <translation>正在查看这台电脑…</translation>
    </message>
    <message>
        <source>on Hugging Face</source>
        <translation>在 Hugging Face 上</translation>
    </message>
    <message>
        <source>this chat</source>
        <translation>这个对话</translation>
    </message>
    <message>
        <source>selected in the library</source>
        <translation>在模型库中选中</translation>
    </message>
    <message>
        <source>Plan for %1 · %2</source>
        <translation>%1 的规划 · %2</translation>
    </message>
    <message numerus="yes">
        <source>%n core(s)</source>
        <translation>
            <numerusform>%n 核</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Hub</name>
    <message>
        <source>Repository</source>
        <translation>仓库</translation>
    </message>
    <message>
        <source>Downloads</source>
        <translation>下载次数</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>更新</translation>
    </message>
    <message>
        <source>Likes: %1</source>
        <translation>喜欢：%1</translation>
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
        <translation>能否容纳</translation>
    </message>
    <message>
        <source>Here</source>
        <translation>本机</translation>
    </message>
    <message>
        <source>in the library</source>
        <translation>在模型库中</translation>
    </message>
    <message>
        <source>fits</source>
        <translation>放得下</translation>
    </message>
    <message>
        <source>tight</source>
        <translation>勉强</translation>
    </message>
    <message>
        <source>too big</source>
        <translation>太大</translation>
    </message>
    <message>
        <source>%1, estimated</source>
        <translation>%1（估计）</translation>
    </message>
    <message>
        <source>%1 of %2 free on %3, planned by llama.cpp itself</source>
        <translation>%3 可用 %2，需要 %1（由 llama.cpp 本身规划）</translation>
    </message>
    <message>
        <source>%1 of %2 free on %3, planned from its header</source>
        <translation>%3 可用 %2，需要 %1（按文件头规划）</translation>
    </message>
    <message>
        <source>%1 of %2 free on %3, estimated from its size</source>
        <translation>%3 可用 %2，需要 %1（按文件大小估计）</translation>
    </message>
    <message>
        <source>context of %1 tokens</source>
        <translation>上下文 %1 个 token</translation>
    </message>
    <message>
        <source>licence %1</source>
        <translation>许可证 %1</translation>
    </message>
    <message>
        <source>all files %1</source>
        <translation>全部文件 %1</translation>
    </message>
</context>
<context>
    <name>HubDialogs</name>
    <message>
        <source>Log in</source>
        <translation>登录</translation>
    </message>
    <message>
        <source>Log in to Hugging Face</source>
        <translation>登录 Hugging Face</translation>
    </message>
    <message>
        <source>Access token</source>
        <translation>访问令牌</translation>
    </message>
    <message>
        <source>In the system&apos;s keyring</source>
        <translation>存在系统密钥环中</translation>
    </message>
    <message>
        <source>Until Corral ends</source>
        <translation>到 Corral 结束为止</translation>
    </message>
    <message>
        <source>In a file that only you can read</source>
        <translation>存在只有您能读的文件中</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>保存方式</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>As the environment says</source>
        <translation>按环境变量</translation>
    </message>
    <message>
        <source>Only those of the system</source>
        <translation>只用系统的证书</translation>
    </message>
    <message>
        <source>Mirror of Hugging Face</source>
        <translation>Hugging Face 镜像</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>代理服务器</translation>
    </message>
    <message>
        <source>File of more certificates</source>
        <translation>额外证书文件</translation>
    </message>
</context>
<context>
    <name>HubPage</name>
    <message>
        <source>Find models</source>
        <translation>查找模型</translation>
    </message>
    <message>
        <source>More results</source>
        <translation>更多结果</translation>
    </message>
    <message>
        <source>Without encryption</source>
        <translation>不加密</translation>
    </message>
    <message>
        <source>Words, user/repo, or the address of a page</source>
        <translation>关键词、user/repo 或页面网址</translation>
    </message>
    <message>
        <source>Search Hugging Face</source>
        <translation>搜索 Hugging Face</translation>
    </message>
    <message>
        <source>Order of the results</source>
        <translation>结果的排序</translation>
    </message>
    <message>
        <source>Most downloads</source>
        <translation>最多下载</translation>
    </message>
    <message>
        <source>Trending</source>
        <translation>趋势</translation>
    </message>
    <message>
        <source>Most likes</source>
        <translation>最多喜欢</translation>
    </message>
    <message>
        <source>Changed last</source>
        <translation>最近更新</translation>
    </message>
    <message>
        <source>Repositories that were found</source>
        <translation>找到的仓库</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Connection…</source>
        <translation>连接…</translation>
    </message>
    <message>
        <source>llama3.2:1b, or host/namespace/model:tag</source>
        <translation>llama3.2:1b,或 host/namespace/model:tag</translation>
    </message>
    <message>
        <source>Name of a model in Ollama&apos;s registry, or another</source>
        <translation>Ollama 或其他注册表中的模型名称</translation>
    </message>
    <message>
        <source>For a registry of your own that speaks plain HTTP.</source>
        <translation>用于您自己以纯 HTTP 提供的注册表。</translation>
    </message>
    <message>
        <source>Pull</source>
        <translation>拉取</translation>
    </message>
    <message>
        <source>By name from Ollama&apos;s registry</source>
        <translation>按名称从 Ollama 注册表获取</translation>
    </message>
    <message numerus="yes">
        <source>%n repository(ies)</source>
        <translation>
            <numerusform>%n 个仓库</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing is asked before you search.</source>
        <translation>在您搜索之前，不会发出任何连接。</translation>
    </message>
    <message>
        <source>Log in…</source>
        <translation>登录…</translation>
    </message>
    <message>
        <source>Log out %1</source>
        <translation>退出 %1</translation>
    </message>
</context>
<context>
    <name>HubPresenter</name>
    <message>
        <source>Asking the hub…</source>
        <translation>正在询问 Hugging Face…</translation>
    </message>
    <message>
        <source>Looking into %1…</source>
        <translation>正在查看 %1…</translation>
    </message>
    <message>
        <source>Reading the header…</source>
        <translation>正在读取文件头…</translation>
    </message>
</context>
<context>
    <name>Importing</name>
    <message numerus="yes">
        <source>%n file(s) could not be imported.</source>
        <translation>
            <numerusform>有 %n 个文件无法导入。</numerusform>
        </translation>
    </message>
    <message>
        <source>Import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>The file can be used without copying it (a hard link). It must then not be changed by other programs.</source>
        <translation>这个文件可以不复制就直接使用（硬链接），但之后不能让其他程序修改它。</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>链接</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
</context>
<context>
    <name>LayerSection</name>
    <message>
        <source>Tensors of the layer</source>
        <translation>此层的张量</translation>
    </message>
    <message>
        <source>Map of layers</source>
        <translation>层图</translation>
    </message>
    <message>
        <source>Each device is drawn to its own scale: its largest layer fills the row.</source>
        <translation>每个设备各用自己的比例：最大的一层填满整行。</translation>
    </message>
</context>
<context>
    <name>LayerView</name>
    <message>
        <source>Map of layers</source>
        <translation>层图</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>设备</translation>
    </message>
</context>
<context>
    <name>Ledger</name>
    <message>
        <source>Loaded</source>
        <translation>加载时间</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Planned</source>
        <translation>规划</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>实测</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>误差</translation>
    </message>
    <message>
        <source>By the system</source>
        <translation>系统统计</translation>
    </message>
    <message>
        <source>Plan</source>
        <translation>规划方式</translation>
    </message>
    <message>
        <source>exact</source>
        <translation>精确</translation>
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
        <translation>运行时间</translation>
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
        <translation>按表格</translation>
    </message>
    <message>
        <source>Prompt, tokens/s</source>
        <translation>提示，token/秒</translation>
    </message>
    <message>
        <source>%1: the driver takes %2 beside what llama.cpp counts</source>
        <translation>%1：除 llama.cpp 计算的以外，驱动程序另占 %2</translation>
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
        <translation>为表格值的 %1 倍，四分之三的运行在 ±%2 % 以内（实测 %3 次）</translation>
    </message>
    <message>
        <source>on the GPU</source>
        <translation>在 GPU 上</translation>
    </message>
    <message>
        <source>on GPU and processor</source>
        <translation>在 GPU 与处理器上</translation>
    </message>
    <message>
        <source>on the processor</source>
        <translation>在处理器上</translation>
    </message>
</context>
<context>
    <name>LedgerDialog</name>
    <message>
        <source>Planned and measured</source>
        <translation>规划与实测</translation>
    </message>
    <message>
        <source>Each load writes down what was planned and what it took on each device. Load a model to begin.</source>
        <translation>每次加载都会记下各设备的规划值与实际用量。加载一个模型即可开始。</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Each longer answer writes down how fast it was, and narrows the speeds that are expected of other models here. Ask a model something to begin.</source>
        <translation>每个较长的回答都会记下速度，让本机其他模型的预估速度更准。问模型一个问题即可开始。</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Learned on this machine</source>
        <translation>从这台电脑学到的</translation>
    </message>
</context>
<context>
    <name>Library</name>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>适合度</translation>
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
        <translation>参数量</translation>
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
        <translation>权重</translation>
    </message>
    <message>
        <source>projector</source>
        <translation>投影器</translation>
    </message>
    <message>
        <source>adapter</source>
        <translation>适配器</translation>
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
        <translation>损坏</translation>
    </message>
    <message>
        <source>loaded</source>
        <translation>已加载</translation>
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
        <translation>GPU %1/%2 层</translation>
    </message>
    <message>
        <source>tight</source>
        <translation>偏紧</translation>
    </message>
    <message>
        <source>fits</source>
        <translation>放得下</translation>
    </message>
    <message>
        <source>Not planned yet.</source>
        <translation>尚未规划。</translation>
    </message>
    <message>
        <source>%1 of %2 free on %3, planned by formulas; context %4 tokens</source>
        <translation>需要 %1，%3 可用 %2（按公式规划）；上下文 %4 个 token</translation>
    </message>
    <message>
        <source>%1 of %2 free on %3, planned exactly; context %4 tokens</source>
        <translation>需要 %1，%3 可用 %2（精确规划）；上下文 %4 个 token</translation>
    </message>
    <message>
        <source>used in place</source>
        <translation>就地使用</translation>
    </message>
    <message>
        <source>MoE</source>
        <translation>混合专家</translation>
    </message>
    <message>
        <source>%1, %2 active</source>
        <translation>%1，激活 %2</translation>
    </message>
    <message>
        <source>chat</source>
        <translation>对话</translation>
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
        <translation>视觉</translation>
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
        <translation>音频</translation>
    </message>
    <message>
        <source>never</source>
        <translation>从未</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>刚刚</translation>
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
        <translation>模型库</translation>
    </message>
    <message>
        <source>Open a GGUF file</source>
        <translation>打开 GGUF 文件</translation>
    </message>
    <message>
        <source>All models with their figures</source>
        <translation>所有模型与数据</translation>
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
        <translation>按名称</translation>
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
        <translation>搜索模型和对话   Ctrl+K</translation>
    </message>
    <message>
        <source>Search models and chats</source>
        <translation>搜索模型和对话</translation>
    </message>
    <message>
        <source>Models and chats</source>
        <translation>模型和对话</translation>
    </message>
    <message>
        <source>Drop a .gguf file here</source>
        <translation>将 .gguf 文件拖放到这里</translation>
    </message>
    <message>
        <source>Models and chats stand here.</source>
        <translation>模型与对话会列在这里。</translation>
    </message>
    <message>
        <source>Nothing has “%1”.</source>
        <translation>没有项目包含“%1”。</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>清除搜索</translation>
    </message>
    <message>
        <source>Open GGUF…</source>
        <translation>打开 GGUF…</translation>
    </message>
</context>
<context>
    <name>LibraryPresenter</name>
    <message>
        <source>There is a model of this name already.</source>
        <translation>已经有这个名称的模型。</translation>
    </message>
    <message>
        <source>%1 belongs to %2 and is only used in place.</source>
        <translation>%1 属于 %2，这里只是就地使用。</translation>
    </message>
    <message>
        <source>Remove it there.</source>
        <translation>请到那里移除。</translation>
    </message>
    <message>
        <source>Chats</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>From %1</source>
        <translation>来自 %1</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
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
        <translation>关闭</translation>
    </message>
    <message>
        <source>Loads without a question.</source>
        <translation>直接加载，不询问。</translation>
    </message>
    <message>
        <source>balanced</source>
        <translation>平衡</translation>
    </message>
    <message>
        <source>Asks before a load takes more than 90 % of what is free.</source>
        <translation>加载若超过可用量的 90 %，会先询问。</translation>
    </message>
    <message>
        <source>strict</source>
        <translation>严格</translation>
    </message>
    <message>
        <source>Asks before a load takes more than 80 % of what is free.</source>
        <translation>加载若超过可用量的 80 %，会先询问。</translation>
    </message>
    <message>
        <source>own limit</source>
        <translation>自定义</translation>
    </message>
    <message>
        <source>Asks before a load leaves less than this free on a device.</source>
        <translation>加载后任一设备的可用量若少于此值，会先询问。</translation>
    </message>
    <message>
        <source>Memory that stays free</source>
        <translation>保留的可用内存</translation>
    </message>
</context>
<context>
    <name>Links</name>
    <message>
        <source>Link in an answer</source>
        <translation>回答中的链接</translation>
    </message>
    <message>
        <source>A model wrote this address:</source>
        <translation>这个网址是模型写的：</translation>
    </message>
    <message>
        <source>Open in the browser</source>
        <translation>在浏览器中打开</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
</context>
<context>
    <name>Loads</name>
    <message>
        <source>What is shown is planned on %1, not on this machine.</source>
        <translation>当前显示的是在 %1 上的规划，不是这台电脑。</translation>
    </message>
    <message>
        <source>Go back to this machine to load.</source>
        <translation>请先回到这台电脑再加载。</translation>
    </message>
    <message>
        <source>Download it first.</source>
        <translation>请先下载。</translation>
    </message>
    <message>
        <source>The model is not on this machine.</source>
        <translation>模型不在这台电脑上。</translation>
    </message>
    <message>
        <source>Load anyway</source>
        <translation>仍要加载</translation>
    </message>
    <message>
        <source>Loading %1 %</source>
        <translation>加载中 %1 %</translation>
    </message>
    <message>
        <source>Waiting for another answer</source>
        <translation>正在等另一个回答结束</translation>
    </message>
    <message>
        <source>Checking the file</source>
        <translation>正在检查文件</translation>
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
        <translation>已存的电脑</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>重命名…</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>电脑</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>另存为…</translation>
    </message>
    <message>
        <source>Search graphics cards</source>
        <translation>搜索显卡</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Take one out</source>
        <translation>拿掉一张</translation>
    </message>
    <message>
        <source>Main memory</source>
        <translation>主内存</translation>
    </message>
    <message>
        <source>as on this machine</source>
        <translation>与这台电脑相同</translation>
    </message>
    <message>
        <source>Kind of main memory</source>
        <translation>主内存种类</translation>
    </message>
    <message>
        <source>Free memory</source>
        <translation>可用内存</translation>
    </message>
    <message>
        <source>as usual</source>
        <translation>按一般情况</translation>
    </message>
    <message>
        <source>This machine</source>
        <translation>这台电脑</translation>
    </message>
    <message>
        <source>Plan on this</source>
        <translation>以此规划</translation>
    </message>
    <message>
        <source>Save the machine</source>
        <translation>保存电脑</translation>
    </message>
    <message>
        <source>Name of the machine</source>
        <translation>电脑的名称</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Rename the machine</source>
        <translation>重命名电脑</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>&apos;%1&apos; was forgotten.</source>
        <translation>已移除“%1”。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
</context>
<context>
    <name>Machines</name>
    <message>
        <source>Another machine is called &apos;%1&apos;.</source>
        <translation>另一台电脑已叫“%1”。</translation>
    </message>
    <message>
        <source>Choose another name.</source>
        <translation>请换一个名称。</translation>
    </message>
    <message>
        <source>Main memory: %2, %3 free</source>
        <translation>主内存：%2，可用 %3</translation>
    </message>
    <message>
        <source>%1: computes from main memory, %2 usable, %3 free</source>
        <translation>%1：使用主内存，可使用 %2，目前可用 %3</translation>
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
        <translation>模型库</translation>
    </message>
    <message>
        <source>Hardware</source>
        <translation>硬件</translation>
    </message>
    <message>
        <source>Corral made a mistake. Your conversations are saved; the log has more.</source>
        <translation>Corral 出错了。你的对话已保存；详情请看日志。</translation>
    </message>
    <message>
        <source>The window speaks this language from the next start on.</source>
        <translation>下次启动时，窗口将改用这种语言。</translation>
    </message>
    <message>
        <source>Restart Corral</source>
        <translation>重新启动 Corral</translation>
    </message>
    <message>
        <source>Send / new line</source>
        <translation>发送/换行</translation>
    </message>
    <message>
        <source>Edit the last message, in the empty message box</source>
        <translation>编辑上一条消息（在空的消息框中）</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>向上键</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>About Corral</source>
        <translation>关于 Corral</translation>
    </message>
</context>
<context>
    <name>MediaSegment</name>
    <message>
        <source>Sound: %1</source>
        <translation>声音：%1</translation>
    </message>
    <message>
        <source>Picture: %1</source>
        <translation>图片：%1</translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message>
        <source>Details</source>
        <translation>详细信息</translation>
    </message>
    <message>
        <source>Close this message</source>
        <translation>关闭这条消息</translation>
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
        <translation>对话比模型的上下文长：模型看不到这条消息。</translation>
    </message>
    <message>
        <source>Previous variant</source>
        <translation>上一个版本</translation>
    </message>
    <message>
        <source>Next variant</source>
        <translation>下一个版本</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Branch</source>
        <translation>分支</translation>
    </message>
    <message>
        <source>Start a new chat that goes on from here</source>
        <translation>从这里开始一个新对话</translation>
    </message>
    <message>
        <source>Regenerate</source>
        <translation>重新生成</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>What else could have stood here, and how probable it was</source>
        <translation>这里还可能出现什么，以及概率多高</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>You, in the model</source>
        <translation>你（模型内置）</translation>
    </message>
    <message>
        <source>You</source>
        <translation>你</translation>
    </message>
    <message>
        <source>System</source>
        <translation>系统</translation>
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
        <translation>工具调用：%1</translation>
    </message>
    <message>
        <source>A tool call that cannot be read</source>
        <translation>无法读取的工具调用</translation>
    </message>
    <message>
        <source>Your message</source>
        <translation>你的消息</translation>
    </message>
    <message>
        <source>System message</source>
        <translation>系统消息</translation>
    </message>
    <message>
        <source>Result of a tool</source>
        <translation>工具的结果</translation>
    </message>
    <message>
        <source>Reply %1 of %2, %3</source>
        <translation>第 %1 条回复，共 %2 条，%3</translation>
    </message>
</context>
<context>
    <name>MetadataPane</name>
    <message>
        <source>Metadata</source>
        <translation>元数据</translation>
    </message>
    <message>
        <source>Search keys and values</source>
        <translation>搜索键与值</translation>
    </message>
    <message>
        <source>The whole value</source>
        <translation>完整的值</translation>
    </message>
    <message numerus="yes">
        <source>%n key(s)</source>
        <translation>
            <numerusform>%n 个键</numerusform>
        </translation>
    </message>
    <message>
        <source>Choose a key to see its whole value.</source>
        <translation>选一个键来看完整的值。</translation>
    </message>
</context>
<context>
    <name>MetadataTable</name>
    <message>
        <source>Key</source>
        <translation>键</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message>
        <source>%1 values of type %2</source>
        <translation>%1 个 %2 类型的值</translation>
    </message>
</context>
<context>
    <name>ModelCommands</name>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>%1 is in the trash for 7 days.</source>
        <translation>%1 已移到回收站，保留 7 天。</translation>
    </message>
    <message>
        <source>The chat was deleted.</source>
        <translation>对话已删除。</translation>
    </message>
    <message numerus="yes">
        <source>%n model(s) are in the trash for 7 days.</source>
        <translation>
            <numerusform>%n 个模型已移到回收站，保留 7 天。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n chat(s) were deleted.</source>
        <translation>
            <numerusform>已删除 %n 个对话。</numerusform>
        </translation>
    </message>
    <message>
        <source>A folder with models</source>
        <translation>存放模型的文件夹</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>New name</source>
        <translation>新名称</translation>
    </message>
    <message>
        <source>Duplicate</source>
        <translation>复制一份</translation>
    </message>
    <message>
        <source>Name of the second model; its files are shared</source>
        <translation>第二个模型的名称；文件共用</translation>
    </message>
    <message>
        <source>Make it mine</source>
        <translation>纳入我的模型库</translation>
    </message>
    <message>
        <source>Name of the model here; the other program keeps its own</source>
        <translation>在这里的名称；另一个程序保留它自己的</translation>
    </message>
    <message>
        <source>No program here shows folders.</source>
        <translation>这里没有能显示文件夹的程序。</translation>
    </message>
    <message>
        <source>%1 was saved as %2.</source>
        <translation>%1 已保存为 %2。</translation>
    </message>
    <message>
        <source>Save as GGUF file</source>
        <translation>另存为 GGUF 文件</translation>
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
        <translation>建议</translation>
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
        <translation>合理范围：%1 到 %2。</translation>
    </message>
    <message>
        <source>Default: automatic.</source>
        <translation>默认：自动。</translation>
    </message>
    <message>
        <source>Default: none.</source>
        <translation>默认：无。</translation>
    </message>
    <message>
        <source>Default: %1.</source>
        <translation>默认：%1。</translation>
    </message>
</context>
<context>
    <name>ModelfilePanel</name>
    <message>
        <source>Name of the model</source>
        <translation>模型名称</translation>
    </message>
    <message>
        <source>Create model</source>
        <translation>创建模型</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>Modelfile: %1</source>
        <translation>Modelfile：%1</translation>
    </message>
    <message>
        <source>Ctrl+Space shows what can be written here.</source>
        <translation>Ctrl+空格键会显示这里可以写什么。</translation>
    </message>
    <message>
        <source>not saved</source>
        <translation>未保存</translation>
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
        <translation>按名称、家族、量化或能力筛选</translation>
    </message>
    <message>
        <source>Filter the models</source>
        <translation>筛选模型</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>列</translation>
    </message>
    <message>
        <source>Duplicates</source>
        <translation>重复内容</translation>
    </message>
    <message>
        <source>What lies in several places, and what that takes</source>
        <translation>哪些内容存了好几份，占了多少</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>What is damaged, missing or left over on disk</source>
        <translation>磁盘上损坏、缺失或残留的内容</translation>
    </message>
    <message>
        <source>Trash…</source>
        <translation>回收站…</translation>
    </message>
    <message>
        <source>Restore from the trash…</source>
        <translation>从回收站还原…</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>所有模型</translation>
    </message>
    <message>
        <source>%1 on disk</source>
        <translation>磁盘占用 %1</translation>
    </message>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n 个模型</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n model(s)</source>
        <translation>
            <numerusform>%n 个模型中的 %1 个</numerusform>
        </translation>
    </message>
    <message>
        <source>No models yet. Open a GGUF file to begin.</source>
        <translation>还没有模型。打开一个 GGUF 文件来开始。</translation>
    </message>
    <message>
        <source>No model has “%1”.</source>
        <translation>没有模型包含“%1”。</translation>
    </message>
    <message>
        <source>Clear the filter</source>
        <translation>清除筛选</translation>
    </message>
    <message>
        <source>Open GGUF…</source>
        <translation>打开 GGUF…</translation>
    </message>
    <message>
        <source>Enter opens the details of a model.</source>
        <translation>按 Enter 打开模型的详细信息。</translation>
    </message>
</context>
<context>
    <name>NeedsPane</name>
    <message>
        <source>Context length</source>
        <translation>上下文长度</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>个 token</translation>
    </message>
    <message>
        <source>Type of the KV cache</source>
        <translation>KV 缓存的类型</translation>
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
        <translation>寻找电脑</translation>
    </message>
    <message>
        <source>Plan on this machine</source>
        <translation>以这台电脑规划</translation>
    </message>
    <message>
        <source>Machines that would do</source>
        <translation>够用的电脑</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>电脑</translation>
    </message>
    <message>
        <source>Its memory</source>
        <translation>其内存</translation>
    </message>
    <message>
        <source>Planned</source>
        <translation>规划</translation>
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
        <translation>KV 缓存类型</translation>
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
        <translation>这里会列出表中装得下整个模型的最小显卡与芯片，以及预估的速度。</translation>
    </message>
    <message>
        <source>With the whole model on the graphics; speed estimated from tables.</source>
        <translation>整个模型都在显卡上；速度按表格估计。</translation>
    </message>
    <message>
        <source>No machine of the table would do. Ask for less.</source>
        <translation>表中没有够用的电脑。请降低要求。</translation>
    </message>
</context>
<context>
    <name>Overview</name>
    <message>
        <source>Overview</source>
        <translation>概览</translation>
    </message>
    <message>
        <source>Files and disk use</source>
        <translation>文件与磁盘用量</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>复制路径</translation>
    </message>
</context>
<context>
    <name>PicturePage</name>
    <message>
        <source>Map of layers</source>
        <translation>层图</translation>
    </message>
    <message>
        <source>Choose a model to see its plan.</source>
        <translation>选择一个模型以查看其规划。</translation>
    </message>
    <message>
        <source>%1: %2 on %3, %4 tokens of context, KV %5</source>
        <translation>%1：需要 %2（%3），上下文 %4 个 token，KV %5</translation>
    </message>
    <message>
        <source>this machine</source>
        <translation>这台电脑</translation>
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
        <translation>上下文长度</translation>
    </message>
    <message>
        <source>GPU layers</source>
        <translation>GPU 层数</translation>
    </message>
    <message>
        <source>Layers with experts in main memory</source>
        <translation>专家放在主内存的层数</translation>
    </message>
    <message>
        <source>Experts in RAM</source>
        <translation>主内存中的专家</translation>
    </message>
    <message>
        <source>Type of the KV cache</source>
        <translation>KV 缓存的类型</translation>
    </message>
    <message>
        <source>Micro-batch in tokens</source>
        <translation>微批次的 token 数</translation>
    </message>
    <message>
        <source>Flash attention</source>
        <translation>Flash 注意力</translation>
    </message>
    <message>
        <source>Best ways to load…</source>
        <translation>最佳加载方式…</translation>
    </message>
    <message>
        <source>Map of layers and contexts</source>
        <translation>层与上下文图</translation>
    </message>
    <message>
        <source>Planned and measured…</source>
        <translation>规划与实测…</translation>
    </message>
    <message>
        <source>KV type</source>
        <translation>KV 缓存类型</translation>
    </message>
    <message>
        <source>Micro-batch</source>
        <translation>微批次</translation>
    </message>
    <message>
        <source>Calibrate this machine (one minute)</source>
        <translation>校准这台电脑（一分钟）</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 个 token</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>加载</translation>
    </message>
    <message>
        <source>Load anyway</source>
        <translation>仍要加载</translation>
    </message>
    <message>
        <source>Load again with this plan</source>
        <translation>按此规划重新加载</translation>
    </message>
    <message>
        <source>Unload</source>
        <translation>卸载</translation>
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
        <translation>%1：规划的内存；可使用 %2</translation>
    </message>
    <message>
        <source>Tokens per second with a full context, estimated</source>
        <translation>上下文用满时每秒 token 数（估计）</translation>
    </message>
    <message>
        <source>%1: unknown</source>
        <translation>%1：未知</translation>
    </message>
    <message>
        <source>in use by others</source>
        <translation>其他程序占用</translation>
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
        <translation>前馈</translation>
    </message>
    <message>
        <source>experts</source>
        <translation>专家</translation>
    </message>
    <message>
        <source>other weights</source>
        <translation>其他权重</translation>
    </message>
    <message>
        <source>KV cache</source>
        <translation>KV 缓存</translation>
    </message>
    <message>
        <source>recurrent state</source>
        <translation>循环状态</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>输入</translation>
    </message>
    <message>
        <source>Shared by the layers</source>
        <translation>各层共用</translation>
    </message>
    <message>
        <source>Layer %1</source>
        <translation>第 %1 层</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>%1: nothing on %2</source>
        <translation>%1：%2 上没有</translation>
    </message>
    <message>
        <source>%1 on %2: %3; %4</source>
        <translation>%1（%2）：%3；%4</translation>
    </message>
    <message>
        <source>What the layers keep in the KV cache is unknown for this architecture.</source>
        <translation>此架构的各层在 KV 缓存中保留多少，尚不清楚。</translation>
    </message>
    <message>
        <source>compute and output buffers</source>
        <translation>计算与输出缓冲区</translation>
    </message>
    <message>
        <source>loaded beside the model</source>
        <translation>随模型一起加载</translation>
    </message>
    <message>
        <source>cache beyond the formulas</source>
        <translation>超出公式的缓存</translation>
    </message>
    <message>
        <source>weights beyond the formulas</source>
        <translation>超出公式的权重</translation>
    </message>
    <message>
        <source>gaps and padding</source>
        <translation>空隙与填充</translation>
    </message>
    <message>
        <source>layers</source>
        <translation>各层</translation>
    </message>
    <message>
        <source>%1: %2 planned (%3).</source>
        <translation>%1：规划 %2（%3）。</translation>
    </message>
    <message>
        <source>planned exactly</source>
        <translation>精确规划</translation>
    </message>
    <message>
        <source>planned by formulas</source>
        <translation>按公式规划</translation>
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
        <translation>偏紧</translation>
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
        <translation>%1 个 token：%2，规划 %3（%4），用满时每秒 %5 个 token</translation>
    </message>
</context>
<context>
    <name>PromptView</name>
    <message>
        <source>Chat that the message is said in</source>
        <translation>这条消息所在的对话</translation>
    </message>
    <message>
        <source>a new chat</source>
        <translation>新的对话</translation>
    </message>
    <message>
        <source>Why is the sky blue?</source>
        <translation>天空为什么是蓝色的？</translation>
    </message>
    <message>
        <source>Message to the model</source>
        <translation>给模型的消息</translation>
    </message>
    <message>
        <source>What the model reads</source>
        <translation>模型读到的内容</translation>
    </message>
    <message>
        <source>Show prompt</source>
        <translation>显示提示词</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>消息</translation>
    </message>
    <message>
        <source>in</source>
        <translation>于</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Differences: + is the other template&apos;s prompt</source>
        <translation>差异：+ 是另一个模板的提示词</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 个 token</translation>
    </message>
    <message>
        <source>the template works on special tokens in the message; they stay as they are</source>
        <translation>模板会处理消息中的特殊 token；它们保持原样</translation>
    </message>
    <message>
        <source>the other template fails: %1</source>
        <translation>另一个模板出错：%1</translation>
    </message>
    <message>
        <source>the other template writes another prompt, see below</source>
        <translation>另一个模板写出的提示词不同，见下方</translation>
    </message>
    <message>
        <source>the other template writes the same</source>
        <translation>另一个模板写出的相同</translation>
    </message>
</context>
<context>
    <name>ProseSegment</name>
    <message>
        <source>Text of the message</source>
        <translation>消息内容</translation>
    </message>
</context>
<context>
    <name>Refusal</name>
    <message>
        <source>Corral can keep the file as %1 and begin with an empty one. Nothing is deleted.</source>
        <translation>Corral 可以把文件保留为 %1，并从空的文件开始。不会删除任何内容。</translation>
    </message>
    <message>
        <source>Keep it aside and begin anew</source>
        <translation>保留并重新开始</translation>
    </message>
    <message>
        <source>Close Corral</source>
        <translation>关闭 Corral</translation>
    </message>
</context>
<context>
    <name>RepositoryPane</name>
    <message>
        <source>Log in…</source>
        <translation>登录…</translation>
    </message>
    <message>
        <source>Model card</source>
        <translation>模型卡</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Choose a repository to see its models and whether they fit this machine.</source>
        <translation>选择一个仓库，查看其中的模型以及这台电脑能否容纳。</translation>
    </message>
    <message>
        <source>Models of the repository</source>
        <translation>仓库中的模型</translation>
    </message>
    <message>
        <source>Repository</source>
        <translation>仓库</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Its terms must be accepted on its page first, and a token is needed.</source>
        <translation>须先在其页面接受条款，并需要令牌。</translation>
    </message>
    <message>
        <source>Fits are planned on %1, not on this machine.</source>
        <translation>是否放得下按 %1 规划，不是这台电脑。</translation>
    </message>
    <message>
        <source>Reading the model card…</source>
        <translation>正在读取模型卡…</translation>
    </message>
    <message>
        <source>As its author wrote it, as plain text.</source>
        <translation>作者所写，以纯文本显示。</translation>
    </message>
    <message>
        <source>There is no model card.</source>
        <translation>没有模型卡。</translation>
    </message>
</context>
<context>
    <name>RowActions</name>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详细信息</translation>
    </message>
    <message>
        <source>Modelfile</source>
        <translation>Modelfile</translation>
    </message>
    <message>
        <source>Copy name</source>
        <translation>复制名称</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>重命名…</translation>
    </message>
    <message>
        <source>Duplicate…</source>
        <translation>复制一份…</translation>
    </message>
    <message>
        <source>Make it mine…</source>
        <translation>纳入我的模型库…</translation>
    </message>
    <message>
        <source>Save as GGUF file…</source>
        <translation>另存为 GGUF 文件…</translation>
    </message>
    <message>
        <source>Show file in folder</source>
        <translation>在文件夹中显示文件</translation>
    </message>
    <message>
        <source>Restore from the trash…</source>
        <translation>从回收站还原…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
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
        <translation>正在检查文件</translation>
    </message>
    <message>
        <source>Checking the models</source>
        <translation>正在检查模型</translation>
    </message>
    <message>
        <source>Checking the references</source>
        <translation>正在检查引用</translation>
    </message>
    <message>
        <source>Comparing files</source>
        <translation>正在比较文件</translation>
    </message>
    <message>
        <source>Comparing the digests</source>
        <translation>正在比对摘要</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>正在连接</translation>
    </message>
    <message>
        <source>Copying</source>
        <translation>正在复制</translation>
    </message>
    <message>
        <source>Reading</source>
        <translation>正在读取</translation>
    </message>
    <message>
        <source>Asking the hub</source>
        <translation>正在询问模型站点</translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation>正在下载</translation>
    </message>
    <message>
        <source>Joining the files</source>
        <translation>正在合并文件</translation>
    </message>
    <message>
        <source>Pulling</source>
        <translation>正在拉取</translation>
    </message>
    <message>
        <source>Pulling the manifest</source>
        <translation>正在拉取清单</translation>
    </message>
    <message>
        <source>Pushing</source>
        <translation>正在推送</translation>
    </message>
    <message>
        <source>Pushing the manifest</source>
        <translation>正在推送清单</translation>
    </message>
    <message>
        <source>Reading header</source>
        <translation>正在读取文件头</translation>
    </message>
    <message>
        <source>Reading licence and model card</source>
        <translation>正在读取许可证与模型说明</translation>
    </message>
    <message>
        <source>Registering the starter model</source>
        <translation>正在注册入门模型</translation>
    </message>
    <message>
        <source>Uploading</source>
        <translation>正在上传</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>Waiting for another download</source>
        <translation>正在等待另一个下载</translation>
    </message>
    <message>
        <source>Writing the manifest</source>
        <translation>正在写入清单（manifest）</translation>
    </message>
    <message>
        <source>Writing to the drive</source>
        <translation>正在写入磁盘</translation>
    </message>
    <message>
        <source>Creating %1</source>
        <translation>正在创建 %1</translation>
    </message>
    <message>
        <source>Importing %1</source>
        <translation>正在导入 %1</translation>
    </message>
    <message>
        <source>Saving %1</source>
        <translation>正在保存 %1</translation>
    </message>
    <message>
        <source>Planning %1</source>
        <translation>正在规划 %1</translation>
    </message>
    <message>
        <source>Measuring %1</source>
        <translation>正在测量 %1</translation>
    </message>
    <message>
        <source>Trying machines</source>
        <translation>正在尝试各种电脑</translation>
    </message>
    <message>
        <source>Trying ways to load</source>
        <translation>正在尝试各种加载方式</translation>
    </message>
    <message>
        <source>Fix</source>
        <translation>修复</translation>
    </message>
    <message>
        <source>Move to its own line</source>
        <translation>移到单独一行</translation>
    </message>
    <message>
        <source>Put in quotes</source>
        <translation>加上引号</translation>
    </message>
    <message>
        <source>Quote the whole line</source>
        <translation>整行加上引号</translation>
    </message>
    <message>
        <source>Remove the line</source>
        <translation>删除这一行</translation>
    </message>
    <message>
        <source>Context length: how many tokens of the conversation the model sees; 0 is automatic.</source>
        <translation>上下文长度：模型能看到对话中的多少个 token；0 表示自动。</translation>
    </message>
    <message>
        <source>How many prompt tokens are read at once; more is faster and needs more memory.</source>
        <translation>一次读取多少个提示词 token；越多越快，也需要越多内存。</translation>
    </message>
    <message>
        <source>How many layers are put on the GPU; -1 is automatic, 0 is the processor only.</source>
        <translation>把多少层放到 GPU 上；-1 表示自动，0 表示只用处理器。</translation>
    </message>
    <message>
        <source>Puts the whole model on the GPU of this number.</source>
        <translation>把整个模型放到此编号的 GPU 上。</translation>
    </message>
    <message>
        <source>Whether the model file is mapped into memory instead of being copied there.</source>
        <translation>是否将模型文件映射到内存，而不是复制进去。</translation>
    </message>
    <message>
        <source>How many processor threads compute; 0 is automatic.</source>
        <translation>用多少个处理器线程计算；0 表示自动。</translation>
    </message>
    <message>
        <source>How many tokens the draft model guesses ahead.</source>
        <translation>草稿模型预先猜测多少个 token。</translation>
    </message>
    <message>
        <source>How many tokens at the start stay when the context overflows.</source>
        <translation>上下文溢出时，保留开头的多少个 token。</translation>
    </message>
    <message>
        <source>Start of the random numbers: the same seed gives the same answer; -1 is random.</source>
        <translation>随机数种子：相同的种子得到相同的回答；-1 表示随机。</translation>
    </message>
    <message>
        <source>How many tokens an answer may have; -1 is until the model stops.</source>
        <translation>一个回答最多多少个 token；-1 表示直到模型自行结束。</translation>
    </message>
    <message>
        <source>Chooses among this many likeliest tokens only; 0 is all of them.</source>
        <translation>只从概率最高的这么多个 token 中选择；0 表示全部。</translation>
    </message>
    <message>
        <source>Chooses among the likeliest tokens that together have this probability.</source>
        <translation>从概率最高、累计达到此概率的 token 中选择。</translation>
    </message>
    <message>
        <source>Leaves out tokens less likely than this share of the likeliest one.</source>
        <translation>舍去概率低于最高概率乘以此比例的 token。</translation>
    </message>
    <message>
        <source>Prefers tokens about as surprising as expected; 1 is off.</source>
        <translation>偏好意外程度接近预期的 token；1 表示关闭。</translation>
    </message>
    <message>
        <source>How many past tokens the penalties look at; 0 is off, -1 the whole context.</source>
        <translation>惩罚会参考前面多少个 token；0 表示关闭，-1 表示整个上下文。</translation>
    </message>
    <message>
        <source>How freely the model chooses: 0 always takes the likeliest token, more is bolder.</source>
        <translation>温度：模型选择的自由程度；0 总是选概率最高的 token，越高越大胆。</translation>
    </message>
    <message>
        <source>Makes tokens that were just used less likely; 1 is off.</source>
        <translation>降低刚用过的 token 的概率；1 表示关闭。</translation>
    </message>
    <message>
        <source>Makes tokens that were used at all less likely; 0 is off.</source>
        <translation>降低任何已用过的 token 的概率；0 表示关闭。</translation>
    </message>
    <message>
        <source>Makes tokens less likely the more often they were used; 0 is off.</source>
        <translation>token 用得越多，概率降得越低；0 表示关闭。</translation>
    </message>
    <message>
        <source>Ends the answer where this text would come; each line adds one.</source>
        <translation>在将要出现这段文字的地方结束回答；每一行新增一个。</translation>
    </message>
    <message>
        <source>llama.cpp plans exactly only for NVIDIA and AMD cards not here.</source>
        <translation>不在手边的显卡中，llama.cpp 只能精确规划 NVIDIA 与 AMD 的卡。</translation>
    </message>
    <message>
        <source>llama.cpp&apos;s own fit chooses what goes to GPUs, and there is none.</source>
        <translation>llama.cpp 自己的配置只决定哪些放到 GPU，而这里没有 GPU。</translation>
    </message>
    <message>
        <source>No GPU that llama.cpp can use: no graphics card was found.</source>
        <translation>没有 llama.cpp 可用的 GPU：未找到显卡。</translation>
    </message>
    <message>
        <source>No GPU that llama.cpp can use: there is NVIDIA graphics, but this build has no driver for it. Install again with CMAKE_ARGS=-DGGML_CUDA=ON.</source>
        <translation>没有 llama.cpp 可用的 GPU：有 NVIDIA 显卡，但此构建没有对应的驱动。请使用 CMAKE_ARGS=-DGGML_CUDA=ON 重新安装。</translation>
    </message>
    <message>
        <source>No GPU that llama.cpp can use: there is AMD graphics, but this build has no driver for it. Install again with CMAKE_ARGS=-DGGML_VULKAN=ON.</source>
        <translation>没有 llama.cpp 可用的 GPU：有 AMD 显卡，但此构建没有对应的驱动。请使用 CMAKE_ARGS=-DGGML_VULKAN=ON 重新安装。</translation>
    </message>
    <message>
        <source>No GPU that llama.cpp can use: there is Intel graphics, but this build has no driver for it. Install again with CMAKE_ARGS=-DGGML_VULKAN=ON.</source>
        <translation>没有 llama.cpp 可用的 GPU：有 Intel 显卡，但此构建没有对应的驱动。请使用 CMAKE_ARGS=-DGGML_VULKAN=ON 重新安装。</translation>
    </message>
    <message>
        <source>RPC is neither authenticated nor encrypted: whoever reaches the worker or listens on the way to it can read your chats and change the answers, and a hostile worker can attack this computer. Use it on networks that you trust alone, or through a tunnel.</source>
        <translation>RPC 既不验证身份也不加密：任何能连到工作机或在途中窃听的人，都能读取您的对话、篡改回答；恶意的工作机还能攻击这台计算机。请只在您信任的网络上使用，或通过加密隧道使用。</translation>
    </message>
    <message>
        <source>The role is %1; it can be system, user or assistant.</source>
        <translation>角色是 %1；可以是 system、user 或 assistant。</translation>
    </message>
    <message>
        <source>This quote is never closed at the end of a line.</source>
        <translation>这个引号一直没有在行尾关闭。</translation>
    </message>
    <message>
        <source>Unknown parameter %1. Did you mean %2?</source>
        <translation>未知的参数 %1。您是指 %2 吗？</translation>
    </message>
    <message>
        <source>Only one blank may follow %1 here.</source>
        <translation>这里的 %1 之后只能有一个空格。</translation>
    </message>
    <message>
        <source>Unknown instruction %1. Did you mean %2?</source>
        <translation>未知的指令 %1。您是指 %2 吗？</translation>
    </message>
    <message>
        <source>A blank must follow %1, not %2.</source>
        <translation>%1 之后必须是空格，不能是 %2。</translation>
    </message>
    <message>
        <source>%1 has no value on its line.</source>
        <translation>%1 在这一行没有值。</translation>
    </message>
    <message>
        <source>Unknown parameter %1.</source>
        <translation>未知的参数 %1。</translation>
    </message>
    <message>
        <source>Unknown instruction %1.</source>
        <translation>未知的指令 %1。</translation>
    </message>
    <message>
        <source>REQUIRES is to be a version such as 0.14.0.</source>
        <translation>REQUIRES 必须是版本号，例如 0.14.0。</translation>
    </message>
    <message>
        <source>Only one ADAPTER can be used.</source>
        <translation>只能使用一个 ADAPTER。</translation>
    </message>
    <message>
        <source>%1 is given again on line %2; that one counts.</source>
        <translation>第 %2 行又写了 %1；以那一行为准。</translation>
    </message>
    <message>
        <source>PARAMETER %1 is read as %2, as Ollama reads it.</source>
        <translation>PARAMETER %1 会当作 %2 读取，和 Ollama 一样。</translation>
    </message>
    <message>
        <source>%1 is %2; useful values go from %3 to %4.</source>
        <translation>%1 是 %2；合理的值为 %3 到 %4。</translation>
    </message>
    <message>
        <source>num_ctx is %1; the model was trained with %2 tokens.</source>
        <translation>num_ctx 是 %1；模型训练时只有 %2 个 token。</translation>
    </message>
    <message>
        <source>Invalid int value [%1]. %2 is a whole number such as 40.</source>
        <translation>整数值 [%1] 无效。%2 是整数，例如 40。</translation>
    </message>
    <message>
        <source>Invalid float value [%1]. %2 is a number such as 0.7.</source>
        <translation>数值 [%1] 无效。%2 是数字，例如 0.7。</translation>
    </message>
    <message>
        <source>Invalid bool value [%1]. %2 is true or false.</source>
        <translation>布尔值 [%1] 无效。%2 是 true 或 false。</translation>
    </message>
    <message>
        <source>%1 is no longer used and is left out.</source>
        <translation>%1 已不再使用，会略过。</translation>
    </message>
    <message>
        <source>No FROM line: name the model to build on, as in FROM smollm2:135m.</source>
        <translation>缺少 FROM 行：请写出以哪个模型为基础，例如 FROM smollm2:135m。</translation>
    </message>
    <message>
        <source>The library has no model %1. Did you mean %2?</source>
        <translation>模型库中没有模型 %1。您是指 %2 吗？</translation>
    </message>
    <message>
        <source>FROM names no model.</source>
        <translation>FROM 没有写出模型。</translation>
    </message>
    <message>
        <source>The library has no model %1.</source>
        <translation>模型库中没有模型 %1。</translation>
    </message>
    <message>
        <source>%1 does not occur in the TEMPLATE.</source>
        <translation>TEMPLATE 中没有出现 %1。</translation>
    </message>
    <message>
        <source>%1 does not occur in the model&apos;s chat template.</source>
        <translation>模型的对话模板中没有出现 %1。</translation>
    </message>
    <message>
        <source>This {{ %1 }} of the TEMPLATE has no {{ end }}.</source>
        <translation>TEMPLATE 的这个 {{ %1 }} 没有 {{ end }}。</translation>
    </message>
    <message>
        <source>The TEMPLATE uses neither {{ .Prompt }} nor {{ .Messages }}: the model would not see what it is asked.</source>
        <translation>TEMPLATE 没有用到 {{ .Prompt }} 或 {{ .Messages }}：模型会看不到问题。</translation>
    </message>
    <message>
        <source>The TEMPLATE does not use {{ .System }}: the model would not see SYSTEM.</source>
        <translation>TEMPLATE 没有用到 {{ .System }}：模型会看不到 SYSTEM。</translation>
    </message>
    <message>
        <source>This {{ of the TEMPLATE is never closed by }}.</source>
        <translation>TEMPLATE 的这个 {{ 一直没有用 }} 关闭。</translation>
    </message>
    <message>
        <source>The TEMPLATE cannot be read here: %1.</source>
        <translation>TEMPLATE 在这里无法读取：%1。</translation>
    </message>
    <message>
        <source>This {{ end }} of the TEMPLATE ends nothing.</source>
        <translation>TEMPLATE 的这个 {{ end }} 没有对应的开头。</translation>
    </message>
    <message>
        <source>Text after the closing quote: the value goes on to line %1.</source>
        <translation>闭合的引号后面还有文字：值会一直延续到第 %1 行。</translation>
    </message>
    <message>
        <source>Text after the closing quote: the value goes on to the end of the file.</source>
        <translation>闭合的引号后面还有文字：值会一直延续到文件末尾。</translation>
    </message>
    <message>
        <source>The character %1 is left out, as Ollama reads it. In quotes Corral keeps it.</source>
        <translation>字符 %1 会略过，和 Ollama 一样。放在引号中 Corral 就会保留。</translation>
    </message>
    <message>
        <source>Ollama ends the value here; Corral reads on, for an invisible mark follows.</source>
        <translation>Ollama 在这里结束这个值；后面有看不见的记号，所以 Corral 会继续读。</translation>
    </message>
    <message>
        <source>Ollama leaves out the character %1; Corral keeps it.</source>
        <translation>Ollama 会略过字符 %1；Corral 会保留。</translation>
    </message>
    <message>
        <source>%1 becomes part of the value, as Ollama reads it.</source>
        <translation>%1 会成为值的一部分，和 Ollama 一样。</translation>
    </message>
    <message>
        <source>The quote that is opened on line %1 takes in this line.</source>
        <translation>第 %1 行的左引号把这一行也包进去了。</translation>
    </message>
    <message>
        <source>Close the quote</source>
        <translation>闭合引号</translation>
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
        <translation>作为基础的模型或 GGUF 文件；再写几行可加入其他文件，例如投影器。</translation>
    </message>
    <message>
        <source>A licence that the model comes with.</source>
        <translation>模型附带的许可证。</translation>
    </message>
    <message>
        <source>How messages become the prompt text, as a Go template.</source>
        <translation>消息如何变成提示文本，用 Go 模板编写。</translation>
    </message>
    <message>
        <source>What the model is told before every conversation.</source>
        <translation>每次对话前先告诉模型的话。</translation>
    </message>
    <message>
        <source>A LoRA adapter to put on the model.</source>
        <translation>套用在模型上的 LoRA 适配器。</translation>
    </message>
    <message>
        <source>A small model that guesses tokens ahead.</source>
        <translation>预先猜测 token 的小模型。</translation>
    </message>
    <message>
        <source>A built-in way to write the prompt text.</source>
        <translation>生成提示文本的内置方式。</translation>
    </message>
    <message>
        <source>A built-in way to read the answer.</source>
        <translation>读取回答的内置方式。</translation>
    </message>
    <message>
        <source>A setting that conversations with the model begin with.</source>
        <translation>与模型对话时一开始采用的设置。</translation>
    </message>
    <message>
        <source>A message that every conversation begins with.</source>
        <translation>每次对话开头都有的消息。</translation>
    </message>
    <message>
        <source>The oldest Ollama version that can run the model.</source>
        <translation>可以运行此模型的最旧 Ollama 版本。</translation>
    </message>
</context>
<context>
    <name>SetUpDialog</name>
    <message>
        <source>System text and parameters</source>
        <translation>系统提示词和参数</translation>
    </message>
    <message>
        <source>Use another system text in this chat</source>
        <translation>在这个对话中使用其他系统提示词</translation>
    </message>
    <message>
        <source>System text</source>
        <translation>系统提示词</translation>
    </message>
    <message>
        <source>The Modelfile&apos;s TEMPLATE</source>
        <translation>Modelfile 的 TEMPLATE</translation>
    </message>
    <message>
        <source>The GGUF&apos;s own chat template</source>
        <translation>GGUF 自己的聊天模板</translation>
    </message>
    <message>
        <source>None: the model goes on with the text</source>
        <translation>不用模板：模型接着文字写下去</translation>
    </message>
    <message>
        <source>Prompt template</source>
        <translation>提示词模板</translation>
    </message>
    <message>
        <source>As usual: in Ollama&apos;s order</source>
        <translation>照惯例：按 Ollama 的顺序</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>回答</translation>
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
        <translation>仅限本机</translation>
    </message>
    <message>
        <source>Corral opens no connection that you did not ask for.</source>
        <translation>Corral 不会建立任何你没有要求的网络连接。</translation>
    </message>
    <message>
        <source>%1 tokens/s measured</source>
        <translation>实测每秒 %1 个 token</translation>
    </message>
    <message>
        <source>no model loaded</source>
        <translation>未加载模型</translation>
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
        <translation>%1 在 RPC 工作机上</translation>
    </message>
    <message numerus="yes">
        <source>%n paused transfer(s)</source>
        <translation>
            <numerusform>%n 个传输已暂停</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TableView</name>
    <message>
        <source>Columns</source>
        <translation>列</translation>
    </message>
</context>
<context>
    <name>Tabs</name>
    <message>
        <source>Chats and Modelfiles</source>
        <translation>对话和 Modelfile</translation>
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
        <translation>回答按模板的标记解读：不认识 Ollama 的 parser %1</translation>
    </message>
    <message>
        <source>prompt by the Modelfile&apos;s TEMPLATE</source>
        <translation>提示词依 Modelfile 的 TEMPLATE</translation>
    </message>
    <message>
        <source>prompt by the GGUF&apos;s own chat template</source>
        <translation>提示词依 GGUF 自己的聊天模板</translation>
    </message>
    <message>
        <source>no chat template: the model goes on with the text</source>
        <translation>没有聊天模板：模型会接着文字写下去</translation>
    </message>
    <message>
        <source>which takes tools and the TEMPLATE does not</source>
        <translation>它支持工具，而 TEMPLATE 不支持</translation>
    </message>
    <message>
        <source>which takes more than the TEMPLATE</source>
        <translation>它比 TEMPLATE 支持得更多</translation>
    </message>
    <message>
        <source>which also writes the results of tools</source>
        <translation>它还会写出工具的结果</translation>
    </message>
    <message>
        <source>for OLLAMA_GO_TEMPLATE says so</source>
        <translation>因为 OLLAMA_GO_TEMPLATE 如此设置</translation>
    </message>
</context>
<context>
    <name>TensorPane</name>
    <message>
        <source>Tensors</source>
        <translation>张量</translation>
    </message>
    <message>
        <source>Search names, shapes and types</source>
        <translation>搜索名称、形状与类型</translation>
    </message>
    <message numerus="yes">
        <source>%n tensor(s), %1 parameters, %2</source>
        <translation>
            <numerusform>%n 个张量，%1 个参数，%2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TensorTable</name>
    <message>
        <source>Tensor</source>
        <translation>张量</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
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
        <translation>复制</translation>
    </message>
    <message>
        <source>Copy: %1</source>
        <translation>复制：%1</translation>
    </message>
</context>
<context>
    <name>ThinkingSegment</name>
    <message>
        <source>What the model thought</source>
        <translation>模型的思考过程</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <translation>思考过程</translation>
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
        <translation>回答的 token</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Probability</source>
        <translation>概率</translation>
    </message>
    <message>
        <source>Continue from here</source>
        <translation>从这里继续</translation>
    </message>
    <message>
        <source>Open a token and choose another one: the answer goes on from it.</source>
        <translation>展开一个 token 并选择另一个：回答会从它继续。</translation>
    </message>
</context>
<context>
    <name>Transcript</name>
    <message>
        <source>Jump to the end</source>
        <translation>跳到末尾</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>消息</translation>
    </message>
</context>
<context>
    <name>TransferRow</name>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
</context>
<context>
    <name>Transfers</name>
    <message>
        <source>%1, to the network</source>
        <translation>%1（上传）</translation>
    </message>
    <message>
        <source>waits for its turn</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>cancelled; what has arrived is kept for a while</source>
        <translation>已取消；已收到的部分会保留一段时间</translation>
    </message>
    <message>
        <source>transfers: %1</source>
        <translation>传输：%1</translation>
    </message>
    <message>
        <source>%1 left, estimated</source>
        <translation>估计还需 %1</translation>
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
        <translation>下载</translation>
    </message>
    <message>
        <source>Clear the history</source>
        <translation>清除记录</translation>
    </message>
    <message>
        <source>Find models…</source>
        <translation>查找模型…</translation>
    </message>
    <message>
        <source>Nothing was downloaded or uploaded yet.</source>
        <translation>还没有下载或上传过任何东西。</translation>
    </message>
    <message>
        <source>Downloads and uploads</source>
        <translation>下载与上传</translation>
    </message>
</context>
<context>
    <name>TrashDialog</name>
    <message>
        <source>Restore from the trash</source>
        <translation>从回收站还原</translation>
    </message>
    <message numerus="yes">
        <source>Removed models stay here for %n day(s).</source>
        <translation>
            <numerusform>移除的模型会在这里保留 %n 天。</numerusform>
        </translation>
    </message>
    <message>
        <source>The trash is empty.</source>
        <translation>回收站是空的。</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>还原</translation>
    </message>
    <message>
        <source>Removed models</source>
        <translation>已移除的模型</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Removed</source>
        <translation>移除时间</translation>
    </message>
</context>
<context>
    <name>Upload</name>
    <message>
        <source>Upload</source>
        <translation>上传</translation>
    </message>
    <message>
        <source>Upload to Hugging Face</source>
        <translation>上传到 Hugging Face</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Repository, made if it is not there</source>
        <translation>仓库（不存在时会创建）</translation>
    </message>
    <message>
        <source>A new repository is only mine to see</source>
        <translation>新仓库只有我能看到</translation>
    </message>
    <message>
        <source>Left empty, Corral writes one of what it knows.</source>
        <translation>留空时，Corral 会按已知信息撰写。</translation>
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
        <translation>加载 %1 的方式</translation>
    </message>
    <message>
        <source>Questions</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Best ways to load</source>
        <translation>最佳加载方式</translation>
    </message>
    <message>
        <source>What would it need</source>
        <translation>它需要什么</translation>
    </message>
    <message>
        <source>On this machine, with no model loaded.</source>
        <translation>在这台电脑上，假设没有加载任何模型。</translation>
    </message>
    <message>
        <source>Planned on %1, not on this machine.</source>
        <translation>以 %1 规划，不是这台电脑。</translation>
    </message>
</context>
<context>
    <name>WaysPane</name>
    <message>
        <source>What is wanted most</source>
        <translation>最想要的是什么</translation>
    </message>
    <message>
        <source>the fastest</source>
        <translation>最快</translation>
    </message>
    <message>
        <source>the longest context</source>
        <translation>最长的上下文</translation>
    </message>
    <message>
        <source>Context length</source>
        <translation>上下文长度</translation>
    </message>
    <message>
        <source>what suits the machine</source>
        <translation>适合这台电脑的长度</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>个 token</translation>
    </message>
    <message>
        <source>Memory that stays free</source>
        <translation>保留的可用内存</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>寻找</translation>
    </message>
    <message>
        <source>KV cache as %1</source>
        <translation>KV 缓存用 %1</translation>
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
        <translation>KV 缓存类型</translation>
    </message>
    <message>
        <source>Best ways to load</source>
        <translation>最佳加载方式</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Second opinion, llama.cpp&apos;s own fit: %1</source>
        <translation>第二意见，llama.cpp 自己的配置：%1</translation>
    </message>
    <message>
        <source>All placements, types of the KV cache and micro-batches are tried, with flash attention where the model allows it; the three best stand here with their reasons.</source>
        <translation>会尝试各种摆放方式、KV 缓存类型与微批次，模型允许时使用 Flash 注意力；最好的三种会连同理由列在这里。</translation>
    </message>
    <message>
        <source>Nothing was found with which it fits. Ask for a shorter context, or see what it would need.</source>
        <translation>找不到放得下的方式。请缩短上下文，或看看它需要什么。</translation>
    </message>
    <message>
        <source>Second opinion: llama.cpp&apos;s own fit, which leaves 1 GiB free</source>
        <translation>第二意见：llama.cpp 自己的配置，保留 1 GiB 可用</translation>
    </message>
</context>
<context>
    <name>WaysPresenter</name>
    <message>
        <source>Asking llama.cpp</source>
        <translation>正在询问 llama.cpp</translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>Chats and Modelfiles open here.</source>
        <translation>对话和 Modelfile 会在这里打开。</translation>
    </message>
    <message>
        <source>Drop a .gguf file on the window, or talk to a model of the library.</source>
        <translation>将 .gguf 文件拖放到窗口，或与模型库中的模型对话。</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Open GGUF…</source>
        <translation>打开 GGUF…</translation>
    </message>
</context>
<context>
    <name>WorkersDialog</name>
    <message>
        <source>RPC workers</source>
        <translation>RPC 工作机</translation>
    </message>
    <message>
        <source>Address of a worker</source>
        <translation>工作机地址</translation>
    </message>
    <message>
        <source>Add and ask</source>
        <translation>添加并询问</translation>
    </message>
    <message>
        <source>Ask all</source>
        <translation>全部询问</translation>
    </message>
    <message>
        <source>Take off the list</source>
        <translation>从列表移除</translation>
    </message>
    <message>
        <source>Worker</source>
        <translation>工作机</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Workers are machines that compute with llama.cpp&apos;s rpc-server. Those that answer count as graphics cards of this machine in plans and loads until Corral ends. None is connected to before you add it or ask it.</source>
        <translation>工作机是用 llama.cpp 的 rpc-server 运算的计算机。有响应的工作机在 Corral 结束前，在规划与加载时都视为本机的显卡。在您添加或询问之前，不会连接任何一台。</translation>
    </message>
    <message>
        <source>%1 is off the list.</source>
        <translation>%1 已从列表移除。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
</context>
<context>
    <name>WorkersPresenter</name>
    <message>
        <source>%1 is on the list already.</source>
        <translation>%1 已在列表中。</translation>
    </message>
    <message>
        <source>Asking…</source>
        <translation>正在询问…</translation>
    </message>
    <message>
        <source>Serves a loaded model</source>
        <translation>正为已加载的模型运算</translation>
    </message>
    <message>
        <source>Not asked yet</source>
        <translation>尚未询问</translation>
    </message>
    <message>
        <source>Answers: %1</source>
        <translation>有响应：%1</translation>
    </message>
    <message>
        <source>%1 of %2 free when asked</source>
        <translation>询问时可用 %1（共 %2）</translation>
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
        <translation>代码</translation>
    </message>
</context>
<context>
    <name>_Details</name>
    <message>
        <source>Details of the message</source>
        <translation>消息的详细信息</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Copy the details</source>
        <translation>复制详细信息</translation>
    </message>
</context>
<context>
    <name>_ImaginedBanner</name>
    <message>
        <source>Not this machine: all that is shown here is planned, nothing is measured.</source>
        <translation>不是这台电脑：这里显示的都是规划值，没有实测。</translation>
    </message>
    <message>
        <source>Back to this machine</source>
        <translation>回到这台电脑</translation>
    </message>
    <message>
        <source>Planned on %1</source>
        <translation>以 %1 规划</translation>
    </message>
</context>
<context>
    <name>_LayerHeader</name>
    <message>
        <source>Layers</source>
        <translation>层</translation>
    </message>
</context>
<context>
    <name>_Moves</name>
    <message>
        <source>It would fit with:</source>
        <translation>这样就放得下：</translation>
    </message>
</context>
<context>
    <name>_Problems</name>
    <message>
        <source>Problems · %1</source>
        <translation>问题 · %1</translation>
    </message>
    <message>
        <source>Line %1: </source>
        <translation>第 %1 行：</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>显示</translation>
    </message>
</context>
</TS>
