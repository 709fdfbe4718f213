" cpplsp for Vim through ALE: the server of cpp buffers.

call ale#Set('cpp_cpplsp_executable', 'cpplsp')
call ale#Set('cpp_cpplsp_settings', {})

call ale#linter#Define('cpp', {
\   'name': 'cpplsp',
\   'lsp': 'stdio',
\   'executable': {buffer -> ale#Var(buffer, 'cpp_cpplsp_executable')},
\   'command': '%e',
\   'initialization_options': {buffer -> ale#Var(buffer, 'cpp_cpplsp_settings')},
\   'project_root': function('ale#c#FindProjectRoot'),
\})
