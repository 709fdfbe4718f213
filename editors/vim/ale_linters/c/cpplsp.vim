" cpplsp for Vim through ALE: the server of c buffers.

call ale#Set('c_cpplsp_executable', 'cpplsp')
call ale#Set('c_cpplsp_settings', {})

call ale#linter#Define('c', {
\   'name': 'cpplsp',
\   'lsp': 'stdio',
\   'executable': {buffer -> ale#Var(buffer, 'c_cpplsp_executable')},
\   'command': '%e',
\   'initialization_options': {buffer -> ale#Var(buffer, 'c_cpplsp_settings')},
\   'project_root': function('ale#c#FindProjectRoot'),
\})
